"""Ours, not moto's: what moto 5.2.3 works out anew in each request is worked out once. Takes a third off every request."""


def remember() -> None:
    from moto import backends
    from moto.core import errors

    # Each request lists the folder of moto's package and looks at each of its 175 entries.
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules

    # Each error makes a new table of all errors of its service, in a cache that is dropped with the request.
    lookups = {}
    make = errors.ErrorLookupFactory._create_error_lut

    def lookup(_, service_model):
        if service_model.service_name not in lookups:
            lookups[service_model.service_name] = make(service_model)
        return lookups[service_model.service_name]

    errors.ErrorLookupFactory.for_service = lookup
