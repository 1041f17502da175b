"""Ours, not moto's: answers to readings of DynamoDB, Cognito, Lightsail, Global Accelerator and SES that moto 5.2.3 does
not know.

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


def answer_to(environ):
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target.startswith(NOTHING_THERE):
        return {}
    path = environ.get("PATH_INFO", "").rstrip("/")
    if path in EMPTY_READINGS and (environ.get("REQUEST_METHOD") == "GET" or "/list-" in path):
        return {}
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
