"""The cases, in the order in which their files declare them."""

from typing import Callable, NamedTuple

from harness.clock import DAY


class Case(NamedTuple):
    group: str
    name: str
    about: str
    run: Callable
    operations: tuple
    mode: str | None
    days: float
    seconds: int
    region: str | None
    needs: str | None

    @property
    def title(self):
        return f"{self.group}.{self.name}"


CASES = []


def case(*operations, mode=None, days=0, seconds=60, region=None, needs=None):
    """Declares a case that judges these operations.

    mode:    "instant" or "scaled" when it is meaningful in that mode alone.
    days:    how many virtual days it needs at most in a scaled mode.
    seconds: how many seconds it may take besides.
    region:  a name that cases share which change what belongs to the account: they get a region of their own and run one after the other.
    needs:   "other", "control" or "notifications" when it needs what these options say: credentials of another account, control paths, the
             file with notifications.
    """

    def declare(run):
        group = run.__module__.rsplit(".", 1)[-1]
        assert run.__doc__, f"{group}.{run.__name__} does not say what it judges"
        CASES.append(Case(group, run.__name__, run.__doc__.strip(), run, operations, mode, days, seconds, region, needs))
        return run

    return declare


def applies(case, settings, patience):
    """Whether a case is meaningful in this mode, has what it needs, and waits no longer than `patience` seconds."""
    clock, has = settings.clock, case.needs is None or getattr(settings, case.needs)
    return bool(case.mode in (None, clock.mode) and has and clock.seconds(case.days * DAY) <= patience)


def selected(names, skipped):
    """The cases whose title or group is among `names`, or all, without those that are skipped."""
    known = {c.group for c in CASES} | {c.title for c in CASES}
    for name in [*names, *skipped]:
        if name not in known:
            raise SystemExit(f"no case or group is named {name}: --list names them")
    of = lambda case, names: case.group in names or case.title in names
    return [c for c in CASES if (not names or of(c, names)) and not of(c, skipped)]
