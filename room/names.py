"""What is dealt and never typed: a room's code, a seat's name and digits, and the secrets that cookies hold."""

import hashlib
import secrets
from collections.abc import Container

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0 or 1: they look like each other on a projector
_CODE, _DIGITS = 5, 4
ADJECTIVES = (
    "Able", "Brave", "Bright", "Calm", "Careful", "Clever", "Curious", "Eager", "Early", "Fair", "Fast", "Friendly",
    "Gentle", "Glad", "Golden", "Happy", "Honest", "Jolly", "Keen", "Kind", "Lively", "Lucky", "Merry", "Modest",
    "Neat", "Nimble", "Patient", "Playful", "Polite", "Proud", "Quick", "Quiet", "Ready", "Shiny", "Silver", "Steady",
    "Strong", "Sunny", "Swift", "Tidy", "Warm", "Wise",
)  # fmt: skip
ANIMALS = (
    "Badger", "Bear", "Beaver", "Bee", "Bison", "Camel", "Cat", "Crane", "Deer", "Dolphin", "Duck", "Eagle", "Falcon",
    "Finch", "Fox", "Frog", "Goat", "Goose", "Hare", "Hawk", "Heron", "Horse", "Koala", "Lark", "Lion", "Llama",
    "Lynx", "Mole", "Moose", "Mouse", "Newt", "Otter", "Owl", "Panda", "Penguin", "Puffin", "Rabbit", "Raven",
    "Robin", "Salmon", "Seal", "Sheep", "Sparrow", "Squirrel", "Swan", "Tiger", "Trout", "Turtle", "Whale", "Wolf",
    "Zebra",
)  # fmt: skip


def code() -> str:
    """A room's code, one of 28,629,151."""
    return "".join(secrets.choice(LETTERS) for _ in range(_CODE))


def is_code(text: str) -> bool:
    """Whether this can be a room's code."""
    return len(text) == _CODE and all(letter in LETTERS for letter in text)


def name(taken: Container[str]) -> str:
    """A name that nobody in the room has: "Brave Otter". There are 2,142, five times as many as seats."""
    while (found := f"{secrets.choice(ADJECTIVES)} {secrets.choice(ANIMALS)}") in taken:
        pass
    return found


def digits() -> str:
    """Four digits, by which a seat is found again."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def secret() -> str:
    """What a cookie holds: it can't be guessed."""
    return secrets.token_urlsafe(24)


def hashed(text: str) -> str:
    """A secret as it is stored: who reads the store can't take the place of anybody."""
    return hashlib.sha256(text.encode()).hexdigest()
