"""Ours, not moto's: answers to readings of DynamoDB, Cognito, Lightsail, Global Accelerator, SES and AWS Backup that moto
5.2.3 does not know.

It answers them with a page of HTML, most of them with status 500, which the SDK takes for a fault and tries again. The
answers here are those of a table, of sign-in pages, and of an account, that use none of these features.
"""

import json

ANSWERS = {
    "DynamoDB_20120810.DescribeKinesisStreamingDestination": {"KinesisDataStreamDestinations": []},
    "AWSCognitoIdentityProviderService.GetUICustomization": {"UICustomization": {}},
    "DynamoDB_20120810.ListContributorInsights": {"ContributorInsightsSummaries": []},
}


# Of these moto knows nothing: Lightsail and Global Accelerator as a whole, and what SES has in its second version beside messages.
NOTHING_THERE = ("Lightsail_20161128.Get", "GlobalAccelerator_V20180706.List")
EMPTY_READINGS = (
    "/v2/email/account",
    "/v2/email/contact-lists",
    "/v2/email/list-configuration-sets",
    "/v2/email/list-identities",
    "/v2/email/suppression/addresses",
    "/v2/email/templates",
)
# Settings of AWS Backup: moto has its vaults and plans. Paths of S3 may be called so, too.
BACKUP_SETTINGS = {
    "/account-settings": {"ResourceTypeOptInPreference": {"EBS": True, "EFS": True, "RDS": True}},
    "/global-settings": {"GlobalSettings": {"isCrossAccountBackupEnabled": "false"}},
}


def answer_to(environ):
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target.startswith(NOTHING_THERE):
        return {}
    path = environ.get("PATH_INFO", "").rstrip("/")
    if path in EMPTY_READINGS and (environ.get("REQUEST_METHOD") == "GET" or "/list-" in path):
        return {}
    if "/backup/aws4_request" in environ.get("HTTP_AUTHORIZATION", "") and environ.get("REQUEST_METHOD") == "GET":
        return BACKUP_SETTINGS.get(path)
    return ANSWERS.get(target)


def answer_what_moto_does_not_know(application):
    def serve(environ, start_response):
        answer = answer_to(environ)
        if answer is None:
            return application(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return serve
