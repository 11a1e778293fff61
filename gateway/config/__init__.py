"""passerelle.yaml → Settings: every field documented, wrong ones named with file and line, secrets only by reference.

Paths are relative to the settings file. A secret is written `file:PATH` or `env:NAME`; its value never stands in YAML.
"""

from __future__ import annotations

from gateway.config.load import load
from gateway.config.secrets import BadSettings, secret
from gateway.config.sections import EndpointSettings, MailboxSettings, Settings

__all__ = ["BadSettings", "EndpointSettings", "MailboxSettings", "Settings", "load", "secret"]
