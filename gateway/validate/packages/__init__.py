"""FHIR packages: where they lie, what they define, how they are fetched. Everything of them is data, nothing is run."""
