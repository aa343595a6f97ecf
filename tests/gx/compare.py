"""Results of Great Expectations, compared as values: 2 and 2.0 are equal, times are equal whichever
way they are spelled, floats agree to a tolerance."""

import math
import re

TIME = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|\+00:?00)?$")


def plain(value):
    """Times in one spelling; 4.0 as 4; decimals that come as text stay text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return None
        return int(value) if value == int(value) and abs(value) < 2**53 else value
    if isinstance(value, str):
        time = TIME.match(value)
        if time:
            fraction = (time.group(3) or "").rstrip("0").rstrip(".")
            return time.group(1) if time.group(2) == "00:00:00" and not fraction else f"{time.group(1)}T{time.group(2)}{fraction}"
    return value


def key(value):
    """An order over values of any kind."""
    value = plain(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(key(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}:{key(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, float):
        return f"{value:.9g}"
    return f"{type(value).__name__}:{value}"


def same(a, b, tolerance=1e-9, any_order=False):
    a, b = plain(a), plain(b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool) and not isinstance(b, bool):
        return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        if any_order:
            a, b = sorted(a, key=key), sorted(b, key=key)
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return set(a) == set(b) and all(same(a[name], b[name], tolerance, any_order) for name in a)
    if isinstance(a, bool) != isinstance(b, bool):
        # SQLite has no booleans; true is 1 there.
        return a in (0, 1) and b in (0, 1) and int(a) == int(b) and a is not None and b is not None
    return a == b
