//! What the fan-out of pages costs, and how evenly packets leave: figures of docs/PAGING.md.
//!
//! ```text
//! fanout unicast OUTPUTS SECONDS     one page on so many unicast outputs, received on loopback
//! fanout multicast OUTPUTS SECONDS   the same with multicast groups
//! ```
//!
//! Deadlines are judged twice: where packets leave, and where they arrive, by another thread.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use switchboard::config::paging::{Multicast, Output, OutputKind, Packets, Unicast};
use switchboard::paging::{Fanout, Options, PageId, Playing, Speakers};
use switchboard::rtp::Packet;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FRAME: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_millis(2);
const INTERFACE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Arrivals of a stream: the time of the packet, in samples, and when it came, in microseconds.
type Arrivals = HashMap<u32, Vec<(u32, u64)>>;

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, outputs, seconds] = args.as_slice() else {
        return Err("usage: fanout unicast|multicast OUTPUTS SECONDS".into());
    };
    let (outputs, seconds): (u32, u64) = (outputs.parse()?, seconds.parse()?);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    rustix::net::sockopt::set_socket_recv_buffer_size(&socket, 32 << 20)?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    let port = socket.local_addr()?.port();
    if kind == "multicast" {
        // As many groups as the system lets a socket join; more are sent, and not received.
        (0..outputs.min(20)).try_for_each(|n| socket.join_multicast_v4(&group(n), &INTERFACE))?;
    }
    let all: Vec<Arc<Output>> = (0..outputs).map(|n| Arc::new(output(kind == "multicast", n, port))).collect();
    let over = Arc::new(AtomicBool::new(false));
    let receiver = {
        let over = over.clone();
        thread::spawn(move || received(&socket, &over))
    };
    let fanout = Fanout::start(Some(INTERFACE), std::env::current_exe()?, 1)?;
    let playing = fanout.open(&PageId::new("pg_bench"), &all, Options::default())?;
    // A thread names itself, a moment behind its start.
    thread::sleep(FRAME);
    let before = clock_cpu()?;
    let began = Instant::now();
    speak(playing.as_ref(), Duration::from_secs(seconds));
    let (took, cpu) = (began.elapsed(), clock_cpu()? - before);
    let packets: u64 = playing.cut().outputs.iter().map(|output| output.packets).sum();
    thread::sleep(FRAME * 5);
    over.store(true, Ordering::Relaxed);
    let arrivals = receiver.join().map_err(|_| "the receiver has failed")?;
    report(packets, cpu / took.as_secs_f64(), &fanout, &arrivals)
}

fn group(n: u32) -> Ipv4Addr {
    let [_, _, high, low] = n.to_be_bytes();
    Ipv4Addr::new(239, 255, high, low)
}

fn output(multicast: bool, n: u32, port: u16) -> Output {
    let packets = Packets::default();
    let [_, _, high, low] = n.to_be_bytes();
    let kind = if multicast {
        OutputKind::Multicast(Multicast {
            group: group(n),
            port,
            packets,
            ttl: 1,
            interface: None,
            local: true,
            control: None,
        })
    } else {
        // All of 127.0.0.0/8 is this machine: every output has an address of its own.
        OutputKind::Unicast(Unicast { address: IpAddr::V4(Ipv4Addr::new(127, 1, high, low)), port, packets })
    };
    Output { name: format!("speaker-{n}"), kind, contact: None }
}

/// Something that is not silence, at the pace of a telephone.
fn speak(playing: &dyn Playing, how_long: Duration) {
    let (began, mut frame) = (Instant::now(), [0_i16; 160]);
    for n in 0_u32.. {
        let due = FRAME * n;
        if due >= how_long {
            break;
        }
        thread::sleep(due.saturating_sub(began.elapsed()));
        frame.iter_mut().zip(0_i16..).for_each(|(sample, at)| *sample = at * 50);
        playing.push(&frame);
    }
}

fn received(socket: &UdpSocket, over: &AtomicBool) -> Arrivals {
    let (began, mut arrivals, mut buffer) = (Instant::now(), Arrivals::new(), [0; 2_048]);
    loop {
        let Ok(length) = socket.recv(&mut buffer) else {
            if over.load(Ordering::Relaxed) {
                return arrivals;
            }
            continue;
        };
        let at = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Some(packet) = buffer.get(..length).and_then(Packet::parse) {
            arrivals.entry(packet.header.ssrc).or_default().push((packet.header.timestamp, at));
        }
    }
}

/// Seconds of processor that the clock's thread has used.
fn clock_cpu() -> Outcome<f64> {
    for task in fs::read_dir("/proc/self/task")? {
        let folder = task?.path();
        if fs::read_to_string(folder.join("comm"))?.trim() != "paging-clock" {
            continue;
        }
        let figures = fs::read_to_string(folder.join("schedstat"))?;
        let nanoseconds: f64 = figures.split_whitespace().next().ok_or("a thread without figures")?.parse()?;
        return Ok(nanoseconds / 1e9);
    }
    Err("the clock has no thread".into())
}

fn report(packets: u64, cpu: f64, fanout: &Fanout, arrivals: &Arrivals) -> Outcome<()> {
    let pacing = fanout.pacing();
    let mut out = stdout().lock();
    writeln!(out, "packets sent        {packets}, {} frames skipped", pacing.skipped)?;
    writeln!(out, "clock's thread      {:.2} % of a core", 100.0 * cpu)?;
    let share = 100.0 * pacing.share(LIMIT);
    let [half, most, all] = [0.5, 0.99, 1.0].map(|share| pacing.within(share));
    writeln!(out, "left                {share:.3} % within 2 ms; p50 {half:?}, p99 {most:?}, max {all:?}")?;
    let mut late: Vec<u64> = arrivals.values().flat_map(|stream| lateness(stream)).collect();
    late.sort_unstable();
    let at = |share: f64| late.get(((late.len() as f64 * share) as usize).min(late.len().saturating_sub(1))).copied();
    let within = late.partition_point(|us| *us <= 2_000) as f64 / (late.len() as f64).max(1.0);
    let [half, most, all] = [0.5, 0.99, 1.0].map(|share| Duration::from_micros(at(share).unwrap_or(0)));
    writeln!(out, "arrived             {} of {} streams", late.len(), arrivals.len())?;
    writeln!(out, "                    {:.3} % within 2 ms; p50 {half:?}, p99 {most:?}, max {all:?}", 100.0 * within)?;
    Ok(())
}

/// How far behind its own place in the stream each packet came; the earliest one sets the places.
fn lateness(stream: &[(u32, u64)]) -> Vec<u64> {
    let first = stream.first().map_or(0, |(time, _)| *time);
    let place = |(time, at): &(u32, u64)| (*at + (1 << 32)).saturating_sub(u64::from(time.wrapping_sub(first)) * 125);
    let base = stream.iter().map(place).min().unwrap_or(0);
    stream.iter().map(|packet| place(packet) - base).collect()
}
