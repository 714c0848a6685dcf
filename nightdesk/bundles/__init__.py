"""Bundles: the definitions of a desk in one YAML file.

    load.load        file ──▶ Loaded: the bundle, or all its problems with line, column and hint
    plan.plan        what the archive holds + bundle ──▶ Plan (pure)
    apply.apply      Plan ──▶ the archive, in the caller's transaction

How a file is read: source (bytes to text) ▶ nodes, tree (YAML to data and places) ▶ shorthand (short
forms spelt out) ▶ contract (each definition by itself) ▶ references, phrases, exemplars, languages,
timing (what does not fit together) ▶ resolve (articles and countries filled in) ▶ confusable (rivals).
"""

from nightdesk.bundles.load import Loaded, load, parse
from nightdesk.bundles.problems import Problem
from nightdesk.bundles.resolve import Articles

__all__ = ["Articles", "Loaded", "Problem", "load", "parse"]
