"""Who may record what bodies are approved for and people competent in."""

from foundation.access import IS_OPERATOR
from organisations.rights import MANAGER

RECORD_APPROVAL = IS_OPERATOR
RECORD_COMPETENCE = IS_OPERATOR | MANAGER
