"""Asks every rule, keeps what held for a while, and says causes before what they bring about."""

from collections.abc import Iterable

from builder.check.edits import apply
from builder.check.problem import Fix
from builder.check.report import check
from builder.errors import SpecError
from builder.runs.doctor.evidence import Evidence
from builder.runs.doctor.finding import TITLES, Finding, Kind, Rule
from builder.runs.doctor.fit import overfitting, plateau, stopped_early, underfitting
from builder.runs.doctor.gradients import dead_units, exploding, vanishing
from builder.runs.doctor.inputs import data_bound, imbalance, leak, neglected_class
from builder.runs.doctor.rates import lr_too_high, lr_too_low, not_finite

RANKS: tuple[Kind, ...] = tuple(TITLES)
"""Gravest first."""
AT_ONCE: tuple[Rule, ...] = (not_finite, neglected_class, stopped_early)
"""Asked about the end of a run, of which there is only one."""
RULES: tuple[Rule, ...] = (
    leak, lr_too_high, exploding, vanishing, dead_units, imbalance, lr_too_low, overfitting, underfitting, plateau, data_bound,
)  # fmt: skip
OF_SAMPLES: tuple[Rule, ...] = (vanishing, dead_units, data_bound)
"""They look at several samples by themselves, of which a short run has few: of its end one look is enough."""
LOOKS, NEEDED = (0.8, 0.85, 0.9, 0.95, 1.0), 3
"""A finding has to hold in so many looks at the run, up to these shares of its steps, so that none comes and goes."""
MOST_SHOWN = 3

EXPLAINS: dict[Kind, tuple[Kind, ...]] = {
    "lr_too_high": ("not_finite", "exploding", "vanishing", "dead_units", "imbalance", "underfitting", "plateau", "overfitting", "lr_too_low", "stopped_early"),
    "exploding": ("not_finite", "vanishing", "dead_units", "imbalance", "underfitting", "plateau", "stopped_early", "lr_too_low", "overfitting"),
    "vanishing": ("lr_too_low", "imbalance", "underfitting", "plateau", "stopped_early"),
    "dead_units": ("vanishing", "lr_too_low", "imbalance", "underfitting", "plateau", "stopped_early"),
    "lr_too_low": ("imbalance", "underfitting", "stopped_early"),
    "leak": ("overfitting",),
    "plateau": ("overfitting", "stopped_early"),
    "overfitting": ("stopped_early",),
    "underfitting": ("stopped_early", "imbalance"),
}  # fmt: skip
"""A cause with what it brings about: once the cause is named, the rest would only distract."""


def diagnose(evidence: Evidence) -> tuple[Finding, ...]:
    """At most three findings, gravest first; none before there is enough to go by."""
    found = list({finding.kind: finding for finding in (*_lasting(evidence), *_found(AT_ONCE, evidence))}.values())
    found.sort(key=lambda finding: RANKS.index(finding.kind))
    explained = {kind for finding in found for kind in EXPLAINS.get(finding.kind, ())}
    told = [finding for finding in found if finding.kind not in explained][:MOST_SHOWN]
    return tuple(_with_fixes_that_work(finding, evidence) for finding in told)


def _found(rules: Iterable[Rule], evidence: Evidence) -> list[Finding]:
    return [finding for rule in rules if (finding := rule(evidence)) is not None]


def _lasting(evidence: Evidence) -> list[Finding]:
    """What most of the latest looks have found, as the last of them says it."""
    steps = len(evidence.events.steps)
    if not steps:
        return []
    last = int(evidence.events.steps["step"][-1])
    looks = [evidence.until(round(last * share)) for share in LOOKS[:-1]] + [evidence]
    found = []
    for rule in RULES:
        seen = [finding for look in looks if (finding := rule(look)) is not None]
        is_last_word = rule in OF_SAMPLES and evidence.status != "running" and rule(evidence) is not None
        if len(seen) >= NEEDED or is_last_word:
            found.append(seen[-1])
    return found


def _with_fixes_that_work(finding: Finding, evidence: Evidence) -> Finding:
    """Without fixes that are made already, or that the project as it stands now would not take."""
    fixes = tuple(fix for fix in finding.fixes if _works(fix, evidence))
    return Finding(finding.kind, finding.sentence, fixes, finding.lr_now)


def _works(fix: Fix, evidence: Evidence) -> bool:
    try:
        mended = apply(evidence.present, *fix.edits)
    except SpecError:
        return False
    return mended != evidence.present and check(mended, evidence.facts).can_train
