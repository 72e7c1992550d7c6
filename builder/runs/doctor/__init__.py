"""Reads the evidence while a run trains, and says what ails it, with the figure it saw and a way out."""

from builder.runs.doctor.diagnosis import diagnose
from builder.runs.doctor.evidence import Evidence
from builder.runs.doctor.finding import Finding
from builder.runs.doctor.inputs import looks_too_good
from builder.runs.doctor.reading import evidence_of

__all__ = ["Evidence", "Finding", "diagnose", "evidence_of", "looks_too_good"]
