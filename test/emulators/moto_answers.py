"""Ours, not moto's: answers to readings of DynamoDB and Cognito that moto 5.2.3 does not know.

It answers them with status 500 and a page of HTML, which the SDK takes for a fault and tries again. The answers here are
those of a table, and of sign-in pages, that use none of these features.
"""

import json

ANSWERS = {
    "DynamoDB_20120810.DescribeKinesisStreamingDestination": {"KinesisDataStreamDestinations": []},
    "AWSCognitoIdentityProviderService.GetUICustomization": {"UICustomization": {}},
    "DynamoDB_20120810.ListContributorInsights": {"ContributorInsightsSummaries": []},
}


def answer_what_moto_does_not_know(application):
    def serve(environ, start_response):
        answer = ANSWERS.get(environ.get("HTTP_X_AMZ_TARGET", ""))
        if answer is None:
            return application(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    return serve
