"""Play the demo with the bot of the tests, in a process that can be interrupted."""

import asyncio
import sys
from pathlib import Path

from sandbox.demo import Stage, until_interrupted

bot = (sys.executable, str(Path(__file__).with_name("demo_bot.py")), *sys.argv[1:])
sys.exit(asyncio.run(until_interrupted(Stage(bot=bot))))
