"""Cross-validation: a plan of folds, their runs, and one report."""

from fau3d.apis.cross_validation.jobs import job_script
from fau3d.apis.cross_validation.plan import Fold, Plan
from fau3d.apis.cross_validation.planning import plan_leave_one_corpus_out, plan_protocol
from fau3d.apis.cross_validation.report import write_report
from fau3d.apis.cross_validation.run import run_folds

__all__ = [
    "Fold",
    "Plan",
    "job_script",
    "plan_leave_one_corpus_out",
    "plan_protocol",
    "run_folds",
    "write_report",
]
