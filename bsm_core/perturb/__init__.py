"""The only importer of TextAttack. Importing this package loads it, cleanly and offline (``resources``); it takes
seconds, so only workers do."""

from bsm_core.perturb.resources import load_textattack

load_textattack()
