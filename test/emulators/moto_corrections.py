"""Ours, not moto's: where moto 5.2.3 forgets what it was told, and a restore could not be told from a failed one.

Each correction names what AWS documents. The connector whose restore could not be seen otherwise fails without it.
"""

from moto_apigateway import correct_api_gateway
from moto_s3control import correct_s3_control


def keep_queue_policies() -> None:
    """SetQueueAttributes changes the attributes it names (SQS API reference); moto drops the policy with every call."""
    from moto.sqs.models import Queue

    original = Queue._set_attributes

    def set_attributes(self, attributes, now=None):
        policy = getattr(self, "policy", None)
        original(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    Queue._set_attributes = set_attributes


def keep_rotation_periods() -> None:
    """EnableKeyRotation takes RotationPeriodInDays (default 365) and GetKeyRotationStatus tells it (KMS API reference)."""
    import json

    from moto.kms.responses import KmsResponse

    enable = KmsResponse.enable_key_rotation
    status = KmsResponse.get_key_rotation_status

    def key_of(self):
        return self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]

    def enable_key_rotation(self):
        answer = enable(self)
        key_of(self).rotation_period = self._get_param("RotationPeriodInDays") or 365
        return answer

    def get_key_rotation_status(self):
        answer = json.loads(status(self))
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key_of(self), "rotation_period", 365)
        return json.dumps(answer)

    KmsResponse.enable_key_rotation = enable_key_rotation
    KmsResponse.get_key_rotation_status = get_key_rotation_status


def keep_topic_attributes() -> None:
    """GetTopicAttributes gives back what was set (SNS API reference); moto tells eight attributes it knows."""
    from moto.core.responses import ActionResult
    from moto.core.utils import camelcase_to_underscores
    from moto.sns.responses import SNSResponse

    feedback = ["SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate"]
    senders = ["HTTP", "Firehose", "Lambda", "Application", "SQS"]
    names = [sender + kind for sender in senders for kind in feedback]
    names += ["TracingConfig", "SignatureVersion", "ArchivePolicy", "FifoThroughputScope"]
    original = SNSResponse.get_topic_attributes

    def get_topic_attributes(self):
        answer = original(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        for name in names:
            value = getattr(topic, camelcase_to_underscores(name), None)
            if value:
                answer._result["Attributes"][name] = value
        return answer

    def get_data_protection_policy(self):
        topic = self.backend.get_topic(self._get_param("ResourceArn"))
        return ActionResult({"DataProtectionPolicy": getattr(topic, "data_protection_policy", "")})

    def put_data_protection_policy(self):
        topic = self.backend.get_topic(self._get_param("ResourceArn"))
        topic.data_protection_policy = self._get_param("DataProtectionPolicy") or ""
        return ActionResult({})

    SNSResponse.get_topic_attributes = get_topic_attributes
    SNSResponse.get_data_protection_policy = get_data_protection_policy
    SNSResponse.put_data_protection_policy = put_data_protection_policy


def let_mail_subscriptions_wait() -> None:
    """Whoever reads the address confirms; until then lists say PendingConfirmation instead of an ARN (SNS API reference)."""
    from moto.core.responses import ActionResult
    from moto.sns.responses import SNSResponse

    original = SNSResponse.list_subscriptions_by_topic

    def list_subscriptions_by_topic(self):
        result = original(self)._result
        shown = [
            {
                "TopicArn": one.topic_arn,
                "Protocol": one.protocol,
                "Endpoint": one.endpoint,
                "Owner": one.owner,
                "SubscriptionArn": "PendingConfirmation" if one.protocol.startswith("email") else one.arn,
            }
            for one in result["Subscriptions"]
        ]
        return ActionResult({**result, "Subscriptions": shown})

    SNSResponse.list_subscriptions_by_topic = list_subscriptions_by_topic


def tell_parameter_policies_as_text() -> None:
    """PolicyText is "the JSON text of the policy", PolicyType its type (Systems Manager API reference, ParameterInlinePolicy)."""
    import json

    from moto.ssm.models import Parameter

    original = Parameter.response_object

    def response_object(self, decrypt=False, region=None):
        answer = original(self, decrypt, region)
        if "Policies" in answer:
            answer["Policies"] = [
                {"PolicyText": json.dumps(one), "PolicyType": one.get("Type"), "PolicyStatus": "Finished"}
                for one in json.loads(self.policies)
            ]
        return answer

    Parameter.response_object = response_object


def lock_buckets_that_hold_objects() -> None:
    """PutObjectLockConfiguration works on buckets that hold objects (S3 user guide, Configuring S3 Object Lock); moto refuses."""
    from moto.s3.models import S3Backend

    original = S3Backend.put_object_lock_configuration

    def put_object_lock_configuration(self, bucket_name, *args, **kwargs):
        bucket = self.get_bucket(bucket_name)
        keys, bucket.keys = bucket.keys, type(bucket.keys)()
        try:
            original(self, bucket_name, *args, **kwargs)
        finally:
            bucket.keys = keys

    S3Backend.put_object_lock_configuration = put_object_lock_configuration


def let_certificates_change() -> None:
    """UpdateCertificateOptions sets what is named; RequestCertificate makes a key of the kind asked for (ACM API reference)."""
    from moto.acm.models import CertBundle
    from moto.acm.responses import AWSCertificateManagerResponse
    from moto.core.responses import EmptyResult

    describe = CertBundle.describe
    request = AWSCertificateManagerResponse.request_certificate

    def update_certificate_options(self):
        bundle = self.acm_backend.get_certificate(self._get_param("CertificateArn"))
        bundle.cert_options.update(self._get_param("Options"))
        return EmptyResult()

    def request_certificate(self):
        answer = request(self)
        bundle = self.acm_backend.get_certificate(answer.result["CertificateArn"])
        bundle.key_algorithm = self._get_param("KeyAlgorithm") or "RSA_2048"
        return answer

    def describe_with_algorithm(self):
        answer = describe(self)
        if hasattr(self, "key_algorithm"):
            answer["Certificate"]["KeyAlgorithm"] = self.key_algorithm
        return answer

    AWSCertificateManagerResponse.update_certificate_options = update_certificate_options
    AWSCertificateManagerResponse.request_certificate = request_certificate
    CertBundle.describe = describe_with_algorithm
def keep_what_only_a_new_pool_is_told() -> None:
    """UpdateUserPool cannot change by what users sign in, and changes MFA (Cognito API reference); moto forgets both."""
    from moto.cognitoidp.models import CognitoIdpUserPool

    original = CognitoIdpUserPool.update_extended_config

    def update_extended_config(self, given):
        names = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
        kept = {name: self.extended_config[name] for name in names if name in getattr(self, "extended_config", {})}
        told = {**given, **kept}
        self.mfa_config = told.pop("MfaConfiguration", getattr(self, "mfa_config", "OFF"))
        original(self, told)

    CognitoIdpUserPool.update_extended_config = update_extended_config


def receive_mail() -> None:
    """Topics of identities, receipt filters, and deleting and ordering receipt rules (SES API reference, version 2010-12-01)."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.ses.models import SESBackend
    from moto.ses.responses import EmailResponse

    attributes = SESBackend.get_identity_notification_attributes

    def get_identity_notification_attributes(self, identities):
        answer = attributes(self, identities)
        for identity, found in answer.items():
            config = self.sns_topics.get(identity, {})
            for kind in ("Bounce", "Complaint", "Delivery"):
                found[f"{kind}Topic"] = config.get(kind)
                found[f"HeadersIn{kind}NotificationsEnabled"] = config.get(f"headers {kind}", False)
        return answer

    def set_identity_headers_in_notifications_enabled(self):
        config = self.backend.sns_topics.setdefault(self._get_param("Identity"), {})
        config["headers " + self._get_param("NotificationType")] = self._get_bool_param("Enabled", False)
        return EmptyResult()

    def rules_of(self):
        return self.backend.describe_receipt_rule_set(self._get_param("RuleSetName")).rules

    def delete_receipt_rule(self):
        rules = rules_of(self)
        rules[:] = [rule for rule in rules if rule["Name"] != self._get_param("RuleName")]
        return EmptyResult()

    def reorder_receipt_rule_set(self):
        names = self._get_param("RuleNames")
        rules_of(self).sort(key=lambda rule: names.index(rule["Name"]))
        return EmptyResult()

    def filters_of(self):
        return self.backend.__dict__.setdefault("receipt_filters", {})

    def create_receipt_filter(self):
        one = self._get_param("Filter")
        filters_of(self)[one["Name"]] = one
        return EmptyResult()

    def delete_receipt_filter(self):
        filters_of(self).pop(self._get_param("FilterName"), None)
        return EmptyResult()

    def list_receipt_filters(self):
        return ActionResult({"Filters": list(filters_of(self).values())})

    SESBackend.get_identity_notification_attributes = get_identity_notification_attributes
    for action in (
        set_identity_headers_in_notifications_enabled,
        delete_receipt_rule,
        reorder_receipt_rule_set,
        create_receipt_filter,
        delete_receipt_filter,
        list_receipt_filters,
    ):
        setattr(EmailResponse, action.__name__, action)


def mask_parameters_by_name() -> None:
    """DescribeStacks masks NoEcho parameters (CloudFormation API reference); moto looks for their names among the values."""
    from moto.cloudformation.models import Stack

    def parameter_list(self):
        hidden = self.resource_map.no_echo_parameter_keys
        shown = self.resource_map.resolved_parameters.items()
        return [{"ParameterKey": key, "ParameterValue": "****" if key in hidden else value} for key, value in shown]

    Stack.parameter_list = property(parameter_list)


def correct_moto() -> None:
    lock_buckets_that_hold_objects()
    keep_queue_policies()
    keep_rotation_periods()
    keep_topic_attributes()
    let_mail_subscriptions_wait()
    tell_parameter_policies_as_text()
    let_certificates_change()
    receive_mail()
    correct_api_gateway()
    correct_s3_control()
    keep_what_only_a_new_pool_is_told()
    mask_parameters_by_name()
