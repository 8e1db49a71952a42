#!/usr/bin/env python3
"""A whole agent for switchboard, in text: greets, answers one question, puts the caller through.

    pip install websockets
    python agent.py            # listens on ws://127.0.0.1:8765; another port as its argument

    [lines.agent]
    kind = "websocket"
    url = "ws://127.0.0.1:8765/calls"
    targets = { sales = "+15875550101" }

Words need a speech engine on the line ([lines.speech]); docs/AGENT_PROTOCOL.md has the rest.
"""

import asyncio
import itertools
import json
import sys

import websockets


async def call(socket):
    utterances = itertools.count(1)

    async def send(kind, **fields):
        await socket.send(json.dumps({"type": kind, **fields}))

    async def say(text):
        await send("say", utt=f"u{next(utterances)}", text=text)

    async for message in socket:
        if isinstance(message, bytes):
            continue
        word = json.loads(message)
        match word["type"]:
            case "start":
                await send("ready", protocol="switchboard-agent/1", text_only=True, speaks_first=True, name="example")
                await say("Hello, this is the automatic assistant. Ask when we open, or say sales.")
            case "transcript" if word["who"] == "caller" and word["final"]:
                said = word["text"].lower()
                if "sales" in said:
                    await say("I am putting you through.")
                    await send("tool.call", id="t1", name="transfer", args={"to": "sales"})
                elif "open" in said:
                    await say("We open at nine and close at five.")
                else:
                    await say("I did not get that.")
            case "dtmf" if word["digit"] == "#":
                await send("tool.call", id="t2", name="take_message", args={})
            case "stop":
                return


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8765
    async with websockets.serve(call, "127.0.0.1", port, subprotocols=["switchboard-agent.1"]):
        await asyncio.Future()


asyncio.run(main())
