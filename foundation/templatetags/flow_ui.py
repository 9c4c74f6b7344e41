"""Tags that show a record by the table of its flow."""

from django import template

from foundation.templatetags.portal_ui import status_tag
from foundation.workflow import FLOW_OF

register = template.Library()


@register.simple_tag
def flow_tag(obj):
    """Show the status of a record that has a flow: kind and word come from its table."""
    flow = FLOW_OF[obj._meta.label_lower]
    status = flow.status_of(obj)
    return status_tag(flow.tags[status], flow.states(status).label)
