#!/usr/bin/env python3
"""Train the network of src/audio/network.rs on what `switchboard vad --features` wrote for each training corpus.

    train.py --out WEIGHTS --check CORPUS [--epochs N] CORPUS...

Each corpus folder holds labels.jsonl and `features`: half floats, 1 + FEATURES a frame, the first one 1 where the ear
was awake. A dense layer, a gated recurrent unit and one output: the log-odds that the caller is speaking. WEIGHTS is
what the program compiles in; beside it a JSON note says what it was trained on. Needs numpy and torch.
"""
import argparse, hashlib, json, os, time
import numpy as np
import torch
from torch import nn

FEATURES, DENSE, STATE = 72, 32, 32
MS = 20.0


def targets(row, n):
    """-> for each frame whether the caller speaks, and how much a mistake there counts."""
    y, w = np.zeros(n, "f4"), np.ones(n, "f4")
    ends = (np.arange(n) + 1) * MS
    if not row["expect_bargein"]:
        w *= 1.5 if row["tier"] == "core" else .5
    for (on, off), heard in zip(row["speech"], row["audible_ms"]):
        y[(ends > on + 8) & (ends - MS < off - 5)] = 1
        w[(ends > off - 60) & (ends - MS < off + 200)] = .1       # where it ends matters little
        w[(ends > on + 8) & (ends - MS < off - 60)] = .6
        w[(ends > on + 8) & (ends < on + 260)] = 2.5              # and where it begins a lot
        if heard is None:
            w[(ends > on) & (ends < off)] = .1
        else:
            w[(ends > on - 12) & (ends < heard + 12)] = .1        # nobody can hear it yet
    if row["tier"] == "stress":
        w *= .5
    return y, w


def load(folder, name="features"):
    """-> stretches that the ear was awake through: (features, target, weight)."""
    with open(os.path.join(folder, "labels.jsonl")) as f:
        rows = [json.loads(x) for x in f]
    x = np.fromfile(os.path.join(folder, name), "<f2").reshape(-1, 1 + FEATURES)
    at, out = 0, []
    for row in rows:
        n = row["duration_ms"] // 20
        scene, at = x[at:at + n], at + n
        y, w = targets(row, n)
        awake = np.concatenate([[0], scene[:, 0] > 0, [0]]).astype(int)
        starts, ends = np.nonzero(np.diff(awake) == 1)[0], np.nonzero(np.diff(awake) == -1)[0]
        out += [(scene[a:b, 1:], y[a:b], w[a:b]) for a, b in zip(starts, ends)]
    assert at == len(x), (folder, at, len(x))
    return out


class Net(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.dense = nn.Linear(FEATURES, DENSE)
        self.gru = nn.GRU(DENSE, STATE, batch_first=True)
        self.out = nn.Linear(STATE, 1)

    def forward(self, x):
        x = (x - self.mean) / self.std
        h, _ = self.gru(torch.relu(self.dense(x)))
        return self.out(h).squeeze(-1)


def batches(stretches, rng, frames=40_000):
    """Stretches of like length together, cut where they are very long."""
    order = sorted(range(len(stretches)), key=lambda i: len(stretches[i][1]) + rng.uniform(0, 60))
    group, out = [], []
    for i in order:
        group.append(i)
        if len(group) * len(stretches[i][1]) >= frames:
            out.append(group)
            group = []
    if group:
        out.append(group)
    rng.shuffle(out)
    return out


def pad(stretches, group):
    t = max(len(stretches[i][1]) for i in group)
    x, y, w = np.zeros((len(group), t, FEATURES), "f4"), np.zeros((len(group), t), "f4"), np.zeros((len(group), t), "f4")
    for k, i in enumerate(group):
        a, b, c = stretches[i]
        x[k, :len(b)], y[k, :len(b)], w[k, :len(b)] = a, b, c
    return torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(w)


def loss_of(logit, y, w):
    """Cross entropy; a quiet frame that is taken for speech counts more the surer the network was."""
    ce = nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
    sure = torch.sigmoid(logit.detach())
    return (ce * w * (1 + 2 * (1 - y) * sure)).sum() / w.sum().clamp(min=1)


def write(net, path, note):
    """Little-endian floats in the order network.rs reads them; the scaling of the features is folded in."""
    dense = (net.dense.weight / net.std).detach()
    bias = (net.dense.bias - dense @ net.mean).detach()
    parts = [dense.T, bias, net.gru.weight_ih_l0.T, net.gru.weight_hh_l0.T, net.gru.bias_ih_l0, net.gru.bias_hh_l0,
             net.out.weight, net.out.bias]
    raw = np.concatenate([p.detach().numpy().astype("<f4").ravel() for p in parts])
    raw.tofile(path)
    note = {"features": FEATURES, "dense": DENSE, "state": STATE, "weights": int(raw.size),
            "sha256": hashlib.sha256(raw.tobytes()).hexdigest()[:16], **note}
    with open(os.path.splitext(path)[0] + ".json", "w") as f:
        f.write(json.dumps(note, indent=1) + "\n")


def check(net, stretches):
    with torch.no_grad():
        rng = np.random.default_rng(0)
        parts = [(loss_of(net(x), y, w).item(), w.sum().item()) for x, y, w in
                 (pad(stretches, g) for g in batches(stretches, rng))]
    return sum(a * b for a, b in parts) / sum(b for _, b in parts)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("corpora", nargs="+")
    ap.add_argument("--out", required=True)
    ap.add_argument("--check", required=True, action="append")
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--stop-after", type=int, metavar="EPOCHS", help="end earlier than the rate was planned for")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--begin", metavar="WEIGHTS", help="go on from there, with a rate that only falls")
    ap.add_argument("--batch", type=int, default=40_000, help="frames")
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(a.seed)
    stretches = [s for c in a.corpora for s in load(c)]
    checks = {c: load(c) for c in a.check}
    sample = np.concatenate([s[0] for s in stretches[::17]]).astype("f4")
    net = Net(torch.from_numpy(sample.mean(0)), torch.from_numpy(sample.std(0) + 1e-3))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    steps = a.epochs * len(batches(stretches, rng, a.batch))
    total = steps + 8 * a.epochs
    history = []
    if a.begin:
        net.load_state_dict(torch.load(a.begin + ".pt"))
        with open(os.path.splitext(a.begin)[0] + ".json") as f:
            history = json.load(f)["history"]
        plan = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-3, total_steps=total, pct_start=.02, div_factor=3)
    else:
        plan = torch.optim.lr_scheduler.OneCycleLR(opt, 5e-3, total_steps=total, pct_start=.15)
    note = {"seed": a.seed, "epochs": a.epochs, "corpora": len(a.corpora), "frames": sum(len(s[1]) for s in stretches)}
    history.append({**note, "batch": a.batch, "stopped_after": a.stop_after})
    print(note, sum(p.numel() for p in net.parameters()), "weights", flush=True)
    for epoch in range(a.stop_after or a.epochs):
        start, total, count = time.time(), 0.0, 0
        for group in batches(stretches, rng, a.batch):
            x, y, w = pad(stretches, group)
            loss = loss_of(net(x), y, w)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            plan.step()
            total, count = total + loss.item(), count + 1
        checked = {os.path.basename(c): round(check(net, s), 4) for c, s in checks.items()}
        print("epoch %d: %.4f %s %.0f s" % (epoch, total / count, checked, time.time() - start), flush=True)
        write(net, a.out, {**note, "loss": round(total / count, 4), "check": checked, "history": history})
        torch.save(net.state_dict(), a.out + ".pt")


if __name__ == "__main__":
    main()
