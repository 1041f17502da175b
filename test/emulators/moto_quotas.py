"""Ours, not moto's: Service Quotas beyond vpc, which is all that moto 5.2.3 has of it.

Codes, names and defaults are AWS's (ListAWSDefaultServiceQuotas). A quota is applied to an account once it was asked for; until
then ListServiceQuotas has it only where AWS applies one to every account, and here that is all but those in NOT_APPLIED.
RequestServiceQuotaIncrease is granted at once, and lower values too, so that a test can meet a limit.
"""

import json

DEFAULTS = {
    "acm": [("L-F141DD1D", "ACM certificates", 2500), ("L-DA1D8B98", "ACM certificates created in last 365 days", 5000)],
    "apigateway": [
        ("L-AA0FF27B", "Regional APIs", 600),
        ("L-B97207D0", "Edge-optimized APIs", 120),
        ("L-E8693075", "Usage plans", 300),
        ("L-A93447B8", "Custom Domain Names", 120),
        ("L-A4C7274F", "VPC links", 20),
        ("L-824C9E42", "Client certificates", 60),
    ],
    "cloudfront": [
        ("L-24B04930", "Web distributions per AWS account", 200),
        ("L-7D134442", "Cache policies per AWS account", 20),
        ("L-CF0D4FC5", "Response headers policies per AWS account", 20),
        ("L-08884E5C", "Origin access identities per account", 100),
    ],
    "cognito-idp": [("L-66E6DF30", "User pools per account", 1000)],
    "dynamodb": [("L-F98FE922", "Maximum number of tables", 2500)],
    "ecr": [("L-CFEB8E8D", "Registered repositories", 100000)],
    "elasticfilesystem": [("L-848C634D", "File systems per account", 1000)],
    "events": [("L-244521F2", "Number of rules", 300)],
    "kms": [("L-C2F1777E", "Customer Master Keys (CMKs)", 100000)],
    "rds": [
        ("L-7B6409FD", "DB instances", 40),
        ("L-952B80B8", "DB clusters", 40),
        ("L-DE55804A", "Parameter groups", 50),
        ("L-9FA33840", "Option groups", 20),
        ("L-48C6BF61", "DB subnet groups", 50),
    ],
    "s3": [("L-DC2B2D3D", "General purpose buckets", 10000)],
    "secretsmanager": [("L-2F66C23C", "Secrets per Region", 500000)],
    "sns": [("L-61103206", "Topics per Account", 100000)],
    "states": [("L-B66B0F91", "Registered state machines", 100000), ("L-A9562A73", "Registered activities", 100000)],
}
# "For some quotas, only the default values are available" (ListServiceQuotas).
NOT_APPLIED = {"L-AA0FF27B", "L-B97207D0", "L-61103206"}
FIXED = {"L-AA0FF27B", "L-B97207D0"}
# Told in one region for all ("can only be viewed and managed from US East (N. Virginia)").
GLOBAL = {"s3", "cloudfront"}


def add_service_quotas() -> None:
    from moto.servicequotas.exceptions import NoSuchResource
    from moto.servicequotas.responses import ServiceQuotasResponse

    applied = {}

    def quota(service, code, name, value):
        return {
            "ServiceCode": service,
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": code not in FIXED,
            "GlobalQuota": service in GLOBAL,
        }

    def known(self):
        service = json.loads(self.body)["ServiceCode"]
        if service not in DEFAULTS or (service in GLOBAL and self.region != "us-east-1"):
            raise NoSuchResource
        return service, DEFAULTS[service]

    def list_defaults(self):
        if json.loads(self.body)["ServiceCode"] == "vpc":
            return moto_defaults(self)
        service, quotas = known(self)
        return json.dumps({"Quotas": [quota(service, *one) for one in quotas]})

    def list_applied(self):
        service, quotas = known(self)
        place = (self.current_account, self.region, service)
        found = [(code, name, applied.get((*place, code), value)) for code, name, value in quotas]
        shown = [one for one in found if one[0] not in NOT_APPLIED or (*place, one[0]) in applied]
        return json.dumps({"Quotas": [quota(service, *one) for one in shown]})

    def request_increase(self):
        body = json.loads(self.body)
        service, _ = known(self)
        applied[(self.current_account, self.region, service, body["QuotaCode"])] = body["DesiredValue"]
        return json.dumps({"RequestedQuota": {**body, "Status": "APPROVED"}})

    moto_defaults = ServiceQuotasResponse.list_aws_default_service_quotas
    ServiceQuotasResponse.list_aws_default_service_quotas = list_defaults
    ServiceQuotasResponse.list_service_quotas = list_applied
    ServiceQuotasResponse.request_service_quota_increase = request_increase
