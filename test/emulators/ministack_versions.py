"""Ours, not MiniStack's: the code address of a published Lambda version serves that version's code, and versions are listed.

MiniStack 1.4.21 keeps each version's code, and announces its hash, but its address for the download names the function
only and serves the code of $LATEST. Of FunctionVersion ALL (Lambda API, ListFunctions) it knows nothing.
"""

import json

from ministack.services import lambda_svc


def serve_code_by_version() -> None:
    get_function = lambda_svc._get_function
    serve_function_code = lambda_svc.serve_function_code

    def get_with_version(name, qualifier=None):
        status, headers, body = get_function(name, qualifier)
        version = json.loads(body).get("Configuration", {}).get("Version", "$LATEST")
        if version != "$LATEST":
            body = body.replace(f"/{name}?X-Amz-".encode(), f"/{name}:{version}?X-Amz-".encode())
        return status, headers, body

    def serve_version(func_name, account_id=None, region=None):
        name, _, version = func_name.partition(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name) if version else None
        if function and version in function["versions"]:
            return 200, {"Content-Type": "application/zip"}, function["versions"][version]["code_zip"]
        return serve_function_code(func_name, account_id, region)

    lambda_svc._get_function = get_with_version
    lambda_svc.serve_function_code = serve_version


def list_all_versions() -> None:
    """Each page has the published versions of its functions besides $LATEST, whose ARN then says so."""
    list_functions = lambda_svc._list_functions

    def list_with_versions(query_params):
        status, headers, body = list_functions(query_params)
        if lambda_svc._qp_first(query_params, "FunctionVersion") != "ALL":
            return status, headers, body
        page = json.loads(body)
        found = []
        for config in page["Functions"]:
            found.append({**config, "FunctionArn": config["FunctionArn"] + ":$LATEST"})
            versions = lambda_svc._functions[config["FunctionName"]]["versions"]
            found += [versions[number]["config"] for number in sorted(versions, key=int)]
        page["Functions"] = found
        return status, headers, json.dumps(page).encode()

    lambda_svc._list_functions = list_with_versions
