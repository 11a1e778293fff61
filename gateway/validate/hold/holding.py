"""What the walk asks, with what answering needs: definitions, and who judges profiles and FHIRPath."""

from __future__ import annotations

from typing import Any

from gateway.validate.compile import Structures
from gateway.validate.definitions import check_definition
from gateway.validate.element import Structure, Type
from gateway.validate.hold import references
from gateway.validate.hold.attachments import check_attachment
from gateway.validate.hold.bundle import check_bundle
from gateway.validate.hold.claims import claimed
from gateway.validate.hold.contained import check_contained, check_ids
from gateway.validate.hold.extensions import Extensions, Holds, Publishes
from gateway.validate.hold.labels import check_labels
from gateway.validate.hold.targets import Conforms, Explain, Targets
from gateway.validate.place import Place
from gateway.validate.run import Run, Scope


class Holding:
    """Built once, shared by threads.

    conforms(run, scope, canonical)                 does the resource of a scope conform to a profile?
    holds(run, scope, value, type, expression)      is a FHIRPath expression true of a value? None: cannot be told
    explain(run, scope, canonical)                  tell what the resource of a scope breaks of a profile
    publishes(url)                                  would a guide at hand define the extension of this URL?
    """

    def __init__(
        self,
        structures: Structures,
        conforms: Conforms,
        holds: Holds | None = None,
        explain: Explain | None = None,
        publishes: Publishes | None = None,
    ) -> None:
        self._structures = structures
        self._targets = Targets(structures, conforms, explain)
        self._extensions = Extensions(structures, holds, publishes)

    def resolve(self, run: Run, scope: Scope, reference: str) -> references.Target | None:
        """What a reference means in a resource (see `references.resolve`)."""
        return references.resolve(run, scope, reference)

    def check_reference(self, run: Run, scope: Scope, place: Place, value: Any, type: Type, profile: str) -> None:
        """The base pass: form and target of a Reference, form of a canonical."""
        if isinstance(value, str):
            references.check_canonical(run, scope, place, value)
        elif isinstance(value, dict):
            references.check_reference(run, scope, place, value)
            self.check_target(run, scope, place, value, type, profile)

    def check_target(self, run: Run, scope: Scope, place: Place, value: Any, type: Type, profile: str) -> None:
        """A pass of what a profile adds: only the target."""
        if isinstance(value, dict) and (type.targets or type.aggregation):
            self._targets.check(run, scope, place, value, type, profile)

    def check_extension(self, run: Run, scope: Scope, place: Place, value: Any, key: str) -> Structure | None:
        """An item of `key` (extension or modifierExtension): the definition to check it against, None for none."""
        if not isinstance(value, dict):
            return None
        return self._extensions.check(run, scope, place, value, modifier=key == "modifierExtension")

    def check_attachment(self, run: Run, scope: Scope, place: Place, value: dict[str, Any]) -> None:
        """The size and hash an Attachment says (see `attachments`)."""
        check_attachment(run, scope, place, value)

    def check_resource(self, run: Run, scope: Scope) -> None:
        """What a resource asks as a whole, once for each."""
        if "implicitRules" in scope.resource:
            run.tell((scope.place, "implicitRules", "implicitRules"), "implicit-rules")
        if "questionnaire" in scope.resource and scope.resource.get("resourceType") == "QuestionnaireResponse":
            run.tell(scope.place, "questionnaire-unjudged")
        check_labels(run, scope)
        check_contained(run, scope)
        check_ids(run, scope)
        if scope.resource.get("resourceType") == "Bundle":
            check_bundle(run, scope)
        check_definition(run, scope, self._structures)

    def claimed(self, run: Run, scope: Scope) -> tuple[Structure, ...]:
        """The profiles to check a resource against (see `claims`)."""
        return claimed(run, scope, self._structures)
