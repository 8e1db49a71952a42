#!/usr/bin/env python3
"""Build one of many training corpora: the yardstick's scenes with everything in them drawn wider.

    variety.py --sources SRC --out OUT --number N

build_corpus.py stays as it is, so that what it scores does not move. Here its parts are replaced by wider ones: noises
of random colour and movement, music that is composed, tones and bells that no telephone makes, more kinds of echo,
taps and coughs, voices of other languages. Corpus N is the same for the same N.

What is held out is never drawn: the clips and device sounds of the other half (`keep` 1), two of the five pieces of
music, the voices in HELD_OUT_VARIANTS and HELD_OUT_LANGUAGES.
"""
import argparse, json, os, sys
import numpy as np
import build_corpus as base
from build_corpus import SR, active_db, coloured, db, env, phone_band, rms, to_level, tone

HELD_OUT_VARIANTS = ("m2", "m5", "m8", "f4", "f5", "Andy", "Mario", "Steph", "Tweaky", "klatt3")
HELD_OUT_LANGUAGES = ("pl", "tr", "sv", "nl", "pt-br")
VARIANTS = ("m1", "m3", "m4", "m6", "m7", "f1", "f2", "f3", "Alex", "Annie", "Antonio", "Belinda", "Boris", "David",
            "Denis", "Diogo", "Edward", "Gene", "Gustave", "Hugo", "Jacky", "John", "Lee", "Linda", "Marco", "Max",
            "Michael", "Mike", "Pablo", "Paul", "Pedro", "Quincy", "Rob", "Robert", "Zac", "anika", "grandma",
            "grandpa", "klatt", "klatt2", "klatt4", "sandro", "shelby", "travis", "victor", "whisper", "croak")
LANGUAGES = ("en-us", "en-gb", "en-gb-scotland", "de", "es", "es-419", "fr", "fr-be", "it", "pt", "ru", "cs", "fi",
             "da", "hu", "ro", "el", "hi", "id", "ca")
WORDS = {
    "it": ["sì", "no", "aspetti", "pronto", "uno", "due", "tre", "operatore", "vorrei parlare con qualcuno", "basta"],
    "pt": ["sim", "não", "espera", "alô", "um", "dois", "quero falar com alguém", "obrigado", "pare"],
    "ru": ["да", "нет", "стоп", "алло", "один", "два", "три", "позовите оператора", "подождите"],
    "cs": ["ano", "ne", "haló", "počkejte", "jedna", "dvě", "chci mluvit s člověkem"],
    "fi": ["kyllä", "ei", "haloo", "odota", "yksi", "kaksi", "haluan puhua jonkun kanssa"],
    "da": ["ja", "nej", "hallo", "vent", "en", "to", "jeg vil tale med nogen"],
    "hu": ["igen", "nem", "halló", "várjon", "egy", "kettő", "beszélni szeretnék valakivel"],
    "ro": ["da", "nu", "alo", "stai", "unu", "doi", "vreau să vorbesc cu cineva"],
    "el": ["ναι", "όχι", "εμπρός", "ένα", "δύο", "περιμένετε"],
    "hi": ["हाँ", "नहीं", "रुको", "एक", "दो", "नमस्ते"],
    "id": ["ya", "tidak", "tunggu", "halo", "satu", "dua", "saya mau bicara"],
    "ca": ["sí", "no", "espera", "hola", "un", "dos", "vull parlar amb algú"],
}


# ---------------------------------------------------------------- what a corpus is drawn from
def a_noise(rng):
    spec = {"slope": float(rng.uniform(-9, 3))}
    if rng.random() < .6:
        spec["bands"] = [[lo, lo * rng.uniform(1.15, 3), float(rng.uniform(-12, 14))]
                         for lo in rng.uniform(150, 2600, rng.integers(1, 4))]
    if rng.random() < .4:
        spec["harm"] = [[float(np.exp(rng.uniform(np.log(45), np.log(420)))), float(rng.uniform(-12, 3))]]
    if rng.random() < .6:
        spec["am"] = [float(np.exp(rng.uniform(np.log(.15), np.log(9)))), float(rng.uniform(.1, .9))]
    return spec


def a_config(number):
    rng = np.random.default_rng([77, number])
    d = base.DEFAULTS
    low, span = float(rng.uniform(20, 200)), float(rng.uniform(40, 150))
    erl = float(rng.uniform(14, 24))
    espeak = [["%s+%s" % (rng.choice(LANGUAGES), rng.choice(VARIANTS)), int(rng.integers(120, 230)),
               int(rng.integers(10, 90))] for _ in range(10)]
    for voice in espeak:
        if rng.random() < .2:
            voice[0] = voice[0].split("+")[0]
    return {
        "name": "training-%d" % number, "seed": 100_000 + number, "keep": 0,
        "rates": sorted(float(r) for r in np.append(rng.uniform(.76, 1.28, 5), 1.0)),
        "espeak": espeak, "words": {**d["words"], **WORDS},
        "noises": {**{"n%d" % i: a_noise(rng) for i in range(8)}, **(d["noises"] if rng.random() < .5 else {})},
        "babble_voices": [int(rng.integers(3, 6)), int(rng.integers(6, 11))],
        "snr": {"20": float(rng.uniform(14, 24)), "10": float(rng.uniform(7, 13)), "5": float(rng.uniform(2, 7))},
        "low_level": float(rng.uniform(-38, -32)),
        "prompt_level": [float(rng.uniform(-30, -22)), float(rng.uniform(-18, -10))],
        "over_echo_level": [float(rng.uniform(-38, -34)), float(rng.uniform(-24, -14))],
        "erl": [erl, erl + float(rng.uniform(6, 14))], "echo_delay": [low, low + span],
        "music_level": [float(rng.uniform(-44, -38)), float(rng.uniform(-32, -25))],
        "babble_level": [float(rng.uniform(-52, -46)), float(rng.uniform(-44, -39))],
        "loss": [.02, float(rng.uniform(.08, .16))],
        "minutes": [21, 37],
    }


# ---------------------------------------------------------------- wider noises and events
def wander(rng, n, rate, depth_db):
    """A gain that wanders: random levels at `rate` a second, joined by lines."""
    k = max(2, int(n / SR * rate) + 2)
    return db(np.interp(np.linspace(0, k - 1, n), np.arange(k), rng.normal(0, depth_db, k)))


def crackle(rng, n, rate):
    """Rain, typing far away, a bad contact: short bursts at random."""
    x = np.zeros(n)
    for at in rng.integers(0, max(1, n - 400), int(n / SR * rate)):
        m = int(rng.integers(8, 240))
        base.put(x, int(at), rng.standard_normal(m) * np.exp(-np.arange(m) / (m / 4)) * db(rng.uniform(-12, 6)))
    return phone_band(x) + rng.standard_normal(n) * db(-50)


def noise(src, rng, n, name=None):
    x, name = base_noise(src, rng, n, name)
    kind = rng.integers(8)
    if kind == 0:
        x, name = x * wander(rng, n, float(rng.uniform(.5, 6)), float(rng.uniform(1, 4))), name + "+wander"
    elif kind == 1:
        y = crackle(rng, n, float(rng.uniform(3, 60)))
        x, name = x + y / max(rms(y), 1e-9) * db(float(rng.uniform(-10, 2))), name + "+crackle"
    return x / rms(x), name


def note(rng, f, sec, kind):
    n = max(80, int(sec * SR))
    t = np.arange(n) / SR
    vib = 1 + (.006 * np.sin(2 * np.pi * rng.uniform(4, 7) * t) if kind == "string" else 0)
    x = np.zeros(n)
    for k in range(1, min(12, int(3400 / f)) + 1):
        amp = {"organ": 1 / k, "string": 1 / k ** 1.1, "pluck": 1 / k, "bell": 1 / k ** .5}[kind]
        fk = f * k * (1 + (.003 * k * k if kind == "bell" else 0))
        x += amp * np.sin(2 * np.pi * np.cumsum(fk * vib * np.ones(n)) / SR + rng.uniform(0, 6.28))
    if kind in ("pluck", "bell"):
        x *= np.exp(-t / rng.uniform(.08, .6))
    return x * env(n, 40 if kind in ("pluck", "bell") else 400, min(800, n // 3))


def drum(rng):
    n = int(rng.uniform(.03, .2) * SR)
    t = np.arange(n) / SR
    x = rng.standard_normal(n) * np.exp(-t / rng.uniform(.01, .05)) * rng.uniform(0, 1)
    return x + np.sin(2 * np.pi * rng.uniform(60, 300) * t) * np.exp(-t / .05) * rng.uniform(0, 2)


def composed(rng, n):
    """Chords, a tune and drums: no great art, and no two alike."""
    y, beat = np.zeros(n), float(rng.uniform(.22, .75))
    scale = np.array([0, 2, 4, 5, 7, 9, 11] if rng.random() < .5 else [0, 2, 3, 5, 7, 8, 10])
    root = float(rng.uniform(90, 260))
    chords, tune = rng.choice(["organ", "string", "pluck"], 1)[0], rng.choice(["organ", "string", "pluck", "bell"], 1)[0]
    drums, tune_level = rng.random() < .6, float(rng.uniform(-6, 8))
    degree, t = 4, 0.0
    while t * SR < n:
        k = int(t / beat)
        if k % 4 == 0:
            step = rng.integers(0, 6)
            for j in (0, 2, 4):
                f = root * 2 ** ((scale[(step + j) % 7] + 12 * ((step + j) // 7)) / 12)
                base.put(y, int(t * SR), note(rng, f, beat * 4, chords))
        if rng.random() < .75:
            degree = int(np.clip(degree + rng.integers(-3, 4), 0, 13))
            f = 2 * root * 2 ** ((scale[degree % 7] + 12 * (degree // 7)) / 12)
            base.put(y, int(t * SR), note(rng, f, beat * rng.choice([.5, 1, 1, 2]), tune) * db(tune_level))
        if drums and rng.random() < .8:
            base.put(y, int(t * SR), drum(rng) * db(float(rng.uniform(-4, 8))))
        t += beat * rng.choice([.5, 1, 1])
    return y


def music(src, rng, n):
    if rng.random() < .45:
        x, name = base_music(src, rng, n)
    else:
        x, name = phone_band(composed(rng, n)), "composed"
    if rng.random() < .3:
        x = x * wander(rng, n, float(rng.uniform(.3, 2)), 3)
    if rng.random() < .3:
        x = base.resample(np.pad(x, (0, n)), float(rng.uniform(.8, 1.25)))[:n]
    x = phone_band(x, tilt=float(rng.uniform(-4, 3)))
    return x / max(rms(x), 1e-4), name


def breath(rng):
    n = int(rng.uniform(.2, 1.3) * SR)
    f = float(rng.uniform(300, 1500))
    x = coloured(rng, n, {"slope": float(rng.uniform(-4, 2)), "bands": [[f, f * rng.uniform(1.5, 4), float(rng.uniform(2, 10))]]})
    k = int(n * rng.uniform(.15, .7))
    return x * env(n, k, n - k) * db(float(rng.uniform(-50, -31)))


def click(rng):
    n = int(rng.uniform(.0005, .012) * SR) + 2
    x = rng.standard_normal(n) * np.exp(-np.arange(n) / (n / rng.uniform(1.5, 5)))
    return phone_band(np.pad(x, (0, 160))) * db(float(rng.uniform(-28, -4)))


def handling(rng):
    """Rubbing: one burst, or a train of them."""
    parts = []
    for _ in range(rng.choice([1, 1, 1, 2, 3, 5])):
        n = int(rng.uniform(.02, .25) * SR)
        x = coloured(rng, n + 800, {"slope": float(rng.uniform(-10, -3))})[:n] * env(n, int(rng.integers(20, 300)), n // 2)
        parts += [x, np.zeros(int(rng.uniform(0, .12) * SR))]
    return np.concatenate(parts) * db(float(rng.uniform(-40, -20)))


def tap(rng):
    n = int(rng.uniform(.012, .06) * SR)
    t = np.arange(n) / SR
    x = rng.standard_normal(n) * np.exp(-t / rng.uniform(.001, .006))
    for _ in range(rng.integers(1, 6)):
        x += rng.uniform(.2, .9) * np.sin(2 * np.pi * rng.uniform(300, 3300) * t) * np.exp(-t / rng.uniform(.003, .016))
    return phone_band(np.pad(x, (0, 80))) * db(float(rng.uniform(-40, -16)))


def cough(rng):
    n = int(rng.uniform(.05, .118) * SR)
    f1, f2 = rng.uniform(400, 1000), rng.uniform(1100, 2200)
    x = coloured(rng, n + 800, {"slope": float(rng.uniform(-4, 1)), "bands": [
        [f1 - 150, f1 + 150, float(rng.uniform(5, 13))], [f2 - 200, f2 + 200, float(rng.uniform(3, 11))]]})[:n]
    return x * env(n, int(rng.integers(10, 80)), int(n * rng.uniform(.4, .85))) * db(float(rng.uniform(-33, -15)))


def dtmf(rng):
    low, high = base.DTMF["0123456789*#ABCD"[rng.integers(16)]]
    n = int(rng.uniform(.045, .45) * SR)
    t = np.arange(n) / SR
    x = np.sin(2 * np.pi * low * t + rng.uniform(0, 6)) + db(rng.uniform(-4, 6)) * np.sin(2 * np.pi * high * t)
    return x / rms(x) * db(float(rng.uniform(-26, -6))) * env(n, int(rng.integers(2, 60)), int(rng.integers(2, 60)))


def sweep(rng, sec):
    n = int(sec * SR)
    f0, f1 = np.exp(rng.uniform(np.log(250), np.log(3200), 2))
    f = f0 * (f1 / f0) ** (np.arange(n) / n)
    if rng.random() < .4:
        f = f0 + (f1 - f0) * (.5 + .5 * np.sin(2 * np.pi * rng.uniform(.5, 12) * np.arange(n) / SR))
    x = np.sin(2 * np.pi * np.cumsum(f) / SR)
    return (np.sign(x) * .7 if rng.random() < .3 else x) * env(n, 24, 24)


def call_tones(rng, n):
    if rng.random() < .35:
        return base_call_tones(rng, n)
    level = float(rng.uniform(-34, -10))
    out = [np.zeros(int(rng.uniform(.1, 1) * SR))]
    freqs = [[float(f) for f in np.exp(rng.uniform(np.log(220), np.log(3000), rng.integers(1, 4)))] for _ in range(rng.integers(1, 5))]
    on, off = float(np.exp(rng.uniform(np.log(.05), np.log(2)))), float(np.exp(rng.uniform(np.log(.04), np.log(2.5))))
    swept, k = rng.random() < .3, 0
    while sum(map(len, out)) < n:
        x = sweep(rng, on) if swept else tone(freqs[k % len(freqs)], on, 0)
        x = phone_band(x) if rng.random() < .3 else x
        out += [x / max(rms(x), 1e-9) * db(level), np.zeros(int(off * SR))]
        k += 1
    return np.concatenate(out)[:n], "made"


def chime(rng):
    """A notification: a few notes of a bell or a beep, sometimes a whoosh."""
    kind = rng.choice(["bell", "pluck", "organ", "sweep", "whoosh"])
    if kind == "sweep":
        return sweep(rng, float(rng.uniform(.05, .7)))
    if kind == "whoosh":
        n = int(rng.uniform(.1, .8) * SR)
        return coloured(rng, n + 800, a_noise(rng))[:n] * env(n, n // 2, n // 2)
    y = np.zeros(int(1.5 * SR))
    t, f = 0.0, float(np.exp(rng.uniform(np.log(300), np.log(1800))))
    for _ in range(rng.integers(1, 5)):
        base.put(y, int(t * SR), note(rng, f, float(rng.uniform(.06, .7)), kind))
        t += float(rng.uniform(.04, .3))
        f *= 2 ** (rng.integers(-7, 8) / 12)
    return y


def echo_of(rng, out, erl, delay_ms, kind=None):
    """The yardstick's echoes, and: sparse rooms, two paths, a small loudspeaker in other ways, a path that drifts."""
    if rng.random() < .5:
        return base_echo_of(rng, out, erl, delay_ms, kind)
    kind = kind or ("hybrid", "room", "two paths")[rng.integers(3)]
    k = int(rng.integers(16, 120)) if kind == "hybrid" else int(rng.integers(300, 1100))
    h = rng.standard_normal(k) * np.exp(-np.arange(k) / (k / rng.uniform(3, 7)))
    if kind != "hybrid":
        h *= rng.random(k) < rng.uniform(.05, 1)
    h[int(rng.integers(0, min(k, 16)))] += float(rng.uniform(1, 5))
    if kind == "two paths":
        at = int(rng.integers(40, k))
        h[at] += float(rng.uniform(-3, 3))
    x = out
    if rng.random() < .35:
        drive = float(rng.uniform(2, 8))
        x = np.tanh(x * drive) / drive if rng.random() < .6 else np.clip(x, -.4 / drive, .8 / drive)
    d = int(delay_ms * SR / 1000)
    n = 1 << int(np.ceil(np.log2(len(x) + k + d)))
    y = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(np.concatenate([np.zeros(d), h]), n), n)[:len(out)]
    if rng.random() < .2:
        y = y * wander(rng, len(y), .5, 1.5)
    y = phone_band(y, tilt=float(rng.uniform(-3, 2)))
    return y * db(active_db(out) - erl - active_db(y)), kind


base_noise, base_music, base_call_tones, base_echo_of = base.noise, base.music, base.call_tones, base.echo_of


def widen(number):
    """Puts the wider parts in place of the yardstick's; every fourth corpus keeps the yardstick's events."""
    base.DEFAULTS = {**base.DEFAULTS, **a_config(number)}
    base.echo_of, base.noise, base.music = echo_of, noise, music
    if number % 4 == 0:
        return
    for part in (breath, click, handling, tap, cough, dtmf, call_tones):
        setattr(base, part.__name__, part)
    load = base.Sources.__init__

    def with_chimes(self, cfg, root):
        load(self, cfg, root)
        rng = np.random.default_rng([78, number])
        self.device = self.device + [to_level(chime(rng), -20) for _ in range(24)]
    base.Sources.__init__ = with_chimes


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--sources", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--number", type=int, required=True)
    a = ap.parse_args()
    widen(a.number)
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "config.json"), "w") as f:
        json.dump(a_config(a.number), f, ensure_ascii=False)
    sys.argv = [sys.argv[0], "--sources", a.sources, "--out", a.out]
    base.main()


if __name__ == "__main__":
    main()
