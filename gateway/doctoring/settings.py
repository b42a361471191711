"""What is wrong with settings that can be read and still will not do: `gateway config --check`.

Promises: nothing is made and nothing is changed, but for a probe in an S3 store, which is deleted again. Each finding
is about one setting, by its name.
"""

from __future__ import annotations

from gateway.doctoring.addresses import look_at_addresses
from gateway.doctoring.findings import Findings
from gateway.doctoring.folders import look_at_folders
from gateway.doctoring.services import look_at_extras, look_at_services
from gateway.settings import Settings


def look_over(settings: Settings, findings: Findings) -> None:
    look_at_addresses(settings, findings)
    look_at_folders(settings, findings)
    look_at_extras(settings, findings)
    look_at_services(settings, findings)
