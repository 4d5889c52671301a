"""Who takes part, and how many of each."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from soak.actor import Actor
from soak.actors.churn import Churn
from soak.actors.crowd import Crowd
from soak.actors.cuts import Cuts
from soak.actors.doors import Doors
from soak.actors.herd import Herd
from soak.actors.overflow import Overflow
from soak.actors.sharing import Sharing
from soak.actors.slow import Slow
from soak.actors.texts import Texts
from soak.actors.upgrades import Upgrades
from soak.stage import Stage

CAST: Mapping[type[Actor], int] = MappingProxyType(
    {Churn: 2, Herd: 1, Cuts: 1, Sharing: 1, Overflow: 1, Slow: 1, Texts: 2, Doors: 1, Crowd: 1, Upgrades: 1}
)
KINDS = tuple(actor.kind for actor in CAST)


def actors(stage: Stage, kinds: Sequence[str], seed: str) -> list[Actor]:
    """Return the actors of a round, those of the wanted kinds.

    Args:
        stage: what they drive.
        kinds: which; all where none is given.
        seed: the round's.
    """
    return [
        actor(stage, f"{actor.kind}-{number}", f"{seed}/{actor.kind}-{number}")
        for actor, count in CAST.items()
        for number in range(1, count + 1)
        if not kinds or actor.kind in kinds
    ]
