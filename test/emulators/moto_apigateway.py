"""Ours, not moto's: what moto 5.2.3 lacks or forgets of API Gateway, as the API reference documents it.

Documentation parts and client certificates are kept and given back; UpdateModel changes a model; PutIntegration keeps
connectionId and cacheKeyParameters; everything with an ARN has tags; a quota's limit is a number; a deleted domain takes its mappings along. HTTP and WebSocket APIs list what they hold, and have deployments.
"""

import json
import uuid
from collections import defaultdict
from datetime import datetime, timezone
from urllib.parse import unquote


def patch(document, operations):
    for operation in operations or []:
        document[operation["path"].strip("/")] = operation.get("value")


def keep_documentation_and_certificates(response, urls) -> None:
    parts = defaultdict(dict)
    certificates = defaultdict(dict)

    def api_of(self):
        return parts[(self.region, self.path.split("/")[2])]

    def get_documentation_parts(self):
        return json.dumps({"item": list(api_of(self).values())})

    def create_documentation_part(self):
        made = {"id": uuid.uuid4().hex[:6], **json.loads(self.body)}
        api_of(self)[made["id"]] = made
        return 201, {"status": 201}, json.dumps(made)

    def update_documentation_part(self):
        part = api_of(self)[self.path.split("/")[5]]
        patch(part, json.loads(self.body).get("patchOperations"))
        return json.dumps(part)

    def delete_documentation_part(self):
        api_of(self).pop(self.path.split("/")[5])
        return 202, {"status": 202}, ""

    def get_client_certificates(self):
        return json.dumps({"item": list(certificates[self.region].values())})

    def generate_client_certificate(self):
        made = {"clientCertificateId": uuid.uuid4().hex[:6], "pemEncodedCertificate": uuid.uuid4().hex}
        made.update(json.loads(self.body or "{}"))
        certificates[self.region][made["clientCertificateId"]] = made
        return 201, {"status": 201}, json.dumps(made)

    def update_client_certificate(self):
        certificate = certificates[self.region][self.path.split("/")[2]]
        patch(certificate, json.loads(self.body).get("patchOperations"))
        return json.dumps(certificate)

    def delete_client_certificate(self):
        certificates[self.region].pop(self.path.split("/")[2])
        return 202, {"status": 202}, ""

    for function in [*locals().values()]:
        if callable(function) and function.__name__.split("_")[0] in ("get", "create", "generate", "update", "delete"):
            setattr(response, function.__name__, function)
    for path in ("restapis/(?P<api>[^/]+)/documentation/parts", "clientcertificates"):
        urls["{0}/" + path + "$"] = response.dispatch
        urls["{0}/" + path + "/(?P<part>[^/]+)$"] = response.dispatch


def update_models(response) -> None:
    def update_model(self):
        _, _, api, _, name = self.path.split("/")
        model = self.backend.get_model(api, name)
        changes = {}
        patch(changes, json.loads(self.body).get("patchOperations"))
        for field, value in changes.items():
            setattr(model, field, value)
        return json.dumps(model.to_json())

    response.update_model = update_model


def keep_integrations(response, integration) -> None:
    original, plain = response.put_integration, integration.to_json

    def put_integration(self):
        original(self)
        _, _, api, _, resource, _, verb, *_ = self.path.split("/")
        made = self.backend.get_integration(api, resource, verb)
        made.connection_id = self._get_param("connectionId")
        made.cache_key_parameters = self._get_param("cacheKeyParameters") or []
        return 201, {"status": 201}, json.dumps(made.to_json())

    def to_json(self):
        return {**plain(self), "connectionId": getattr(self, "connection_id", None)}

    response.put_integration = put_integration
    integration.to_json = to_json


def tag_everything(response, urls) -> None:
    def tagged(self):
        kind, *names = unquote(self.path.split("/tags/")[1]).split(":")[-1].strip("/").split("/")
        if len(names) == 3:
            return self.backend.get_stage(names[0], names[2])
        kept = {"restapis": "apis", "apikeys": "keys", "usageplans": "usage_plans", "domainnames": "domain_names"}
        return getattr(self.backend, kept.get(kind, kind.replace("vpclinks", "vpc_links")))[names[0]]

    def get_tags(self):
        return json.dumps({"tags": tagged(self).tags or {}})

    def tag_resource(self):
        one = tagged(self)
        one.tags = {**(one.tags or {}), **self._get_param("tags")}
        return 204, {"status": 204}, ""

    def untag_resource(self):
        one = tagged(self)
        gone = self.querystring.get("tagKeys") or []
        one.tags = {key: value for key, value in (one.tags or {}).items() if key not in gone}
        return 204, {"status": 204}, ""

    response.get_tags, response.tag_resource, response.untag_resource = get_tags, tag_resource, untag_resource
    urls["{0}/tags/arn:(?P<partition>[^/]+):apigateway:(?P<region_name>[^/]+)::/(?P<kind>[^/]+)/(?P<one>[^/]+)$"] = response.dispatch


def count_quotas(plan) -> None:
    original = plan.apply_patch_operations

    def apply_patch_operations(self, operations):
        original(self, operations)
        for name in ("limit", "offset"):
            if name in self.quota:
                self.quota[name] = int(self.quota[name])

    plan.apply_patch_operations = apply_patch_operations


def forget_mappings_with_their_domain(backend) -> None:
    original, created = backend.delete_domain_name, backend.create_domain_name

    def delete_domain_name(self, domain_name):
        original(self, domain_name)
        self.base_path_mappings.pop(domain_name, None)

    def create_domain_name(self, domain_name, *rest, **named):
        self.base_path_mappings.setdefault(domain_name, {})
        return created(self, domain_name, *rest, **named)

    backend.delete_domain_name, backend.create_domain_name = delete_domain_name, create_domain_name


def list_what_can_be_created(response, urls) -> None:
    """HTTP and WebSocket APIs: moto creates authorizers, models and route responses, and does not list them."""
    deployments = defaultdict(dict)

    def api_of(self):
        return self.apigatewayv2_backend.get_api(self.path.split("/")[3])

    def items(values):
        return 200, {}, json.dumps({"items": [value.to_json() for value in values]})

    def get_authorizers(self):
        return items(api_of(self).authorizers.values())

    def get_models(self):
        return items(api_of(self).models.values())

    def get_route_responses(self):
        return items(api_of(self).routes[self.path.split("/")[5]].route_responses.values())

    def get_deployments(self):
        return 200, {}, json.dumps({"items": list(deployments[api_of(self).api_id].values())})

    def create_deployment(self):
        made = {"deploymentId": uuid.uuid4().hex[:6], "createdDate": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"}
        deployments[api_of(self).api_id][made["deploymentId"]] = made
        return 201, {}, json.dumps(made)

    def update_stage(self):
        stage = api_of(self).get_stage(unquote(self.path.split("/")[5]))
        given = json.loads(self.body)
        stage.config.update(given)
        for name, value in given.items():
            field = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
            setattr(stage, field, value)
        stage.stage_variables = {key: value for key, value in stage.stage_variables.items() if value != ""}
        return 200, {}, json.dumps(stage.to_json())

    for function in (get_authorizers, get_models, get_route_responses, get_deployments, create_deployment, update_stage):
        setattr(response, function.__name__, function)
    urls["{0}/v2/apis/(?P<api_id>[^/]+)/deployments$"] = response.dispatch


def say_what_is_served(stage, domain) -> None:
    plain, described = stage.to_json, domain.to_json

    def to_json(self):
        deployment = self.config.get("deploymentId")
        return {**plain(self), **({"deploymentId": deployment} if deployment else {})}

    def domain_to_json(self):
        for one in self.domain_name_configurations:
            one.setdefault("apiGatewayDomainName", f"d-{uuid.uuid4().hex[:10]}.execute-api.{self.domain_name_arn.split(':')[3]}.amazonaws.com")
        return described(self)

    stage.to_json, domain.to_json = to_json, domain_to_json


def correct_api_gateway() -> None:
    from moto.apigatewayv2.models import DomainName
    from moto.apigatewayv2.models import Stage as StageV2
    from moto.apigatewayv2.responses import ApiGatewayV2Response
    from moto.apigateway.models import APIGatewayBackend, Integration, UsagePlan
    from moto.apigateway.responses import APIGatewayResponse
    from moto.apigateway.urls import url_paths

    keep_documentation_and_certificates(APIGatewayResponse, url_paths)
    list_what_can_be_created(ApiGatewayV2Response, url_paths)
    say_what_is_served(StageV2, DomainName)
    update_models(APIGatewayResponse)
    keep_integrations(APIGatewayResponse, Integration)
    tag_everything(APIGatewayResponse, url_paths)
    count_quotas(UsagePlan)
    forget_mappings_with_their_domain(APIGatewayBackend)
