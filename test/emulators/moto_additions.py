"""Ours, not moto's: operations that moto 5.2.3 does not have, and that a connector needs to be tested.

Requests are read and answers written by moto, from AWS's own model of each service: shapes cannot be invented here. What
an operation does is as the API reference of the service says, and no more.
"""

from collections import defaultdict
from copy import deepcopy
from datetime import datetime, timezone

from moto_quotas import add_service_quotas

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def place(response):
    return (response.current_account, response.region)


def add_composite_alarms(CloudWatchResponse) -> None:
    """PutCompositeAlarm: moto reads AlarmRule in PutMetricAlarm, and has no operation that says it."""
    from moto.cloudwatch.models import Alarm

    def put_composite_alarm(self):
        self.put_metric_alarm()
        alarm = self.cloudwatch_backend.alarms[self._get_param("AlarmName")]
        alarm.actions_suppressor = self._get_param("ActionsSuppressor")
        alarm.actions_suppressor_wait_period = self._get_param("ActionsSuppressorWaitPeriod")
        alarm.actions_suppressor_extension_period = self._get_param("ActionsSuppressorExtensionPeriod")
        from moto.core.responses import EmptyResult

        return EmptyResult()

    Alarm.alarm_rule = property(lambda self: self.rule)
    CloudWatchResponse.put_composite_alarm = put_composite_alarm


def add_metric_streams(CloudWatchResponse) -> None:
    """A new stream runs; changing one does not change whether it does (PutMetricStream)."""
    from moto.cloudwatch.exceptions import ResourceNotFoundException
    from moto.core.responses import ActionResult, EmptyResult

    streams = defaultdict(dict)

    def put_metric_stream(self):
        name = self._get_param("Name")
        kept = streams[place(self)].get(name, {})
        arn = f"arn:aws:cloudwatch:{self.region}:{self.current_account}:metric-stream/{name}"
        names = ("IncludeFilters", "ExcludeFilters", "FirehoseArn", "RoleArn", "OutputFormat", "StatisticsConfigurations")
        said = {key: self._get_param(key) for key in (*names, "IncludeLinkedAccountsMetrics")}
        stream = {key: value for key, value in said.items() if value is not None}
        times = {"CreationDate": NOW, "LastUpdateDate": NOW}
        streams[place(self)][name] = {**stream, **times, "Name": name, "Arn": arn, "State": kept.get("State", "running")}
        if not kept and self._get_param("Tags"):
            self.cloudwatch_backend.tagger.tag_resource(arn, self._get_param("Tags"))
        return ActionResult({"Arn": arn})

    def get_metric_stream(self):
        found = streams[place(self)].get(self._get_param("Name"))
        if found is None:
            raise ResourceNotFoundException
        return ActionResult(deepcopy(found))

    def list_metric_streams(self):
        return ActionResult({"Entries": deepcopy(list(streams[place(self)].values()))})

    def delete_metric_stream(self):
        streams[place(self)].pop(self._get_param("Name"), None)
        return EmptyResult()

    def set_state(state):
        def operation(self):
            for name in self._get_param("Names"):
                streams[place(self)][name]["State"] = state
            return EmptyResult()

        return operation

    CloudWatchResponse.put_metric_stream = put_metric_stream
    CloudWatchResponse.get_metric_stream = get_metric_stream
    CloudWatchResponse.list_metric_streams = list_metric_streams
    CloudWatchResponse.delete_metric_stream = delete_metric_stream
    CloudWatchResponse.start_metric_streams = set_state("running")
    CloudWatchResponse.stop_metric_streams = set_state("stopped")


def add_anomaly_detectors(CloudWatchResponse) -> None:
    """One detector for each metric and statistic, or each set of queries; putting one again replaces its configuration."""
    from moto.core.responses import ActionResult, EmptyResult

    detectors = defaultdict(dict)
    identity = ("SingleMetricAnomalyDetector", "MetricMathAnomalyDetector")

    def key_of(self):
        return repr([self._get_param(name) for name in identity])

    def put_anomaly_detector(self):
        said = {name: self._get_param(name) for name in (*identity, "Configuration", "MetricCharacteristics")}
        detectors[place(self)][key_of(self)] = {key: value for key, value in said.items() if value is not None}
        return EmptyResult()

    def describe_anomaly_detectors(self):
        return ActionResult({"AnomalyDetectors": deepcopy(list(detectors[place(self)].values()))})

    def delete_anomaly_detector(self):
        detectors[place(self)].pop(key_of(self), None)
        return EmptyResult()

    CloudWatchResponse.put_anomaly_detector = put_anomaly_detector
    CloudWatchResponse.describe_anomaly_detectors = describe_anomaly_detectors
    CloudWatchResponse.delete_anomaly_detector = delete_anomaly_detector


def add_cloudwatch_operations() -> None:
    from moto.cloudwatch.responses import CloudWatchResponse

    add_composite_alarms(CloudWatchResponse)
    add_metric_streams(CloudWatchResponse)
    add_anomaly_detectors(CloudWatchResponse)


def add_rds_operations() -> None:
    """Changes of what moto can only create, by the names of its own fields."""
    from moto.core.responses import ActionResult
    from moto_snapshots import make_snapshots_take_time
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    from moto_replication import replicate_automated_backups

    make_snapshots_take_time()
    replicate_automated_backups()

    def reset(groups, name):
        def operation(self):
            group = getattr(self.backend, groups)[self.params.get(name)]
            for parameter in self.params.get("Parameters", []):
                group.parameters.pop(parameter.original_dict()["ParameterName"], None)
            return ActionResult({name: group.name})

        return operation

    def change(thing, fields, params):
        for field, name in fields.items():
            if params.get(name) is not None:
                setattr(thing, field, params.get(name))
        return thing

    def modify_event_subscription(self):
        subscription = self.backend.event_subscriptions[self.params.get("SubscriptionName")]
        fields = {
            "sns_topic_arn": "SnsTopicArn",
            "source_type": "SourceType",
            "event_categories": "EventCategories",
            "enabled": "Enabled",
        }
        return ActionResult({"EventSubscription": change(subscription, fields, self.params)})

    def add_source(self):
        subscription = self.backend.event_subscriptions[self.params.get("SubscriptionName")]
        subscription.source_ids = [*subscription.source_ids, self.params.get("SourceIdentifier")]
        return ActionResult({"EventSubscription": subscription})

    def remove_source(self):
        subscription = self.backend.event_subscriptions[self.params.get("SubscriptionName")]
        gone = self.params.get("SourceIdentifier")
        subscription.source_ids = [one for one in subscription.source_ids if one != gone]
        return ActionResult({"EventSubscription": subscription})

    def modify_db_proxy(self):
        proxy = self.backend.db_proxies[self.params.get("DBProxyName")]
        fields = {
            "auth": "Auth",
            "require_tls": "RequireTLS",
            "idle_client_timeout": "IdleClientTimeout",
            "debug_logging": "DebugLogging",
            "role_arn": "RoleArn",
            "vpc_security_group_ids": "SecurityGroups",
        }
        return ActionResult({"DBProxy": change(proxy, fields, self.params)})

    RDSResponse.reset_db_parameter_group = reset("db_parameter_groups", "DBParameterGroupName")
    RDSResponse.reset_db_cluster_parameter_group = reset("db_cluster_parameter_groups", "DBClusterParameterGroupName")
    RDSResponse.modify_event_subscription = modify_event_subscription
    RDSResponse.add_source_identifier_to_subscription = add_source
    RDSResponse.remove_source_identifier_from_subscription = remove_source
    RDSResponse.modify_db_proxy = modify_db_proxy

    # DescribeOptionGroups without a name lists all, which may be none; moto fails without a name.
    original = RDSBackend.describe_option_groups

    def describe_option_groups(self, kwargs):
        return original(self, kwargs) if kwargs.get("option_group_name") else list(self.option_groups.values())

    RDSBackend.describe_option_groups = describe_option_groups


def add_efs_operations() -> None:
    """Changes of what moto can only create, and replications, of which there are none."""
    import json

    from moto.efs.responses import EFSResponse

    def answer(self, body, status=200):
        return status, {"Content-Type": "application/json"}, json.dumps(body)

    def file_system(self):
        return self.efs_backend.file_systems_by_id[self._get_param("FileSystemId")]

    def update_file_system(self):
        found = file_system(self)
        found.throughput_mode = self._get_param("ThroughputMode") or found.throughput_mode
        found.provisioned_throughput_in_mibps = self._get_param("ProvisionedThroughputInMibps")
        return answer(self, found.info_json(), 202)

    def put_backup_policy(self):
        policy = self._get_param("BackupPolicy")
        file_system(self)._backup = policy["Status"] == "ENABLED"
        return answer(self, {"BackupPolicy": policy})

    def delete_file_system_policy(self):
        file_system(self).file_system_policy = None
        return answer(self, {})

    def describe_replication_configurations(self):
        body = {"ErrorCode": "ReplicationNotFound", "Message": "There is no replication of this file system."}
        return 404, {"Content-Type": "application/json", "x-amzn-ErrorType": "ReplicationNotFound"}, json.dumps(body)

    EFSResponse.update_file_system = update_file_system
    EFSResponse.put_backup_policy = put_backup_policy
    EFSResponse.delete_file_system_policy = delete_file_system_policy
    EFSResponse.describe_replication_configurations = describe_replication_configurations


def add_ebs_settings() -> None:
    """The key of new volumes and whether snapshots may be public, by region; by default AWS's key, and nothing blocked."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    keys, states = {}, {}

    def key(self):
        return ActionResult({"KmsKeyId": keys.get(place(self), "alias/aws/ebs")})

    def modify_key(self):
        keys[place(self)] = self._get_param("KmsKeyId")
        return key(self)

    def reset_key(self):
        keys.pop(place(self), None)
        return key(self)

    def state(self):
        return ActionResult({"State": states.get(place(self), "unblocked")})

    def block(self):
        states[place(self)] = self._get_param("State")
        return state(self)

    def unblock(self):
        states.pop(place(self), None)
        return state(self)

    # OwnerIds=self lists snapshots of the account; moto ignores it and lists those behind Amazon's images too.
    original = EC2Response.describe_snapshots

    def describe_snapshots(self):
        if "self" not in self._get_param("OwnerIds", []):
            return original(self)
        found = self.ec2_backend.describe_snapshots(filters=self._filters_from_querystring())
        own = [one for one in found if not (one.description or "").startswith("Auto-created snapshot for AMI")]
        return ActionResult({"Snapshots": own})

    EC2Response.describe_snapshots = describe_snapshots
    EC2Response.get_ebs_default_kms_key_id = key
    EC2Response.modify_ebs_default_kms_key_id = modify_key
    EC2Response.reset_ebs_default_kms_key_id = reset_key
    EC2Response.get_snapshot_block_public_access_state = state
    EC2Response.enable_snapshot_block_public_access = block
    EC2Response.disable_snapshot_block_public_access = unblock


def add_config_operations() -> None:
    """One remediation for each rule; conformance packs, of which AWS Config tells everything but the template."""
    import json

    from moto.config.responses import ConfigResponse

    remediations, packs = defaultdict(dict), defaultdict(dict)

    def put_remediations(self):
        for one in self._get_param("RemediationConfigurations"):
            arn = f"arn:aws:config:{self.region}:{self.current_account}:remediation-configuration/{one['ConfigRuleName']}"
            remediations[place(self)][one["ConfigRuleName"]] = {**one, "Arn": arn}
        return json.dumps({"FailedBatches": []})

    def describe_remediations(self):
        all_there = remediations[place(self)]
        names = [name for name in self._get_param("ConfigRuleNames") if name in all_there]
        return json.dumps({"RemediationConfigurations": [all_there[name] for name in names]})

    def delete_remediation(self):
        remediations[place(self)].pop(self._get_param("ConfigRuleName"), None)
        return "{}"

    def put_pack(self):
        name = self._get_param("ConformancePackName")
        arn = f"arn:aws:config:{self.region}:{self.current_account}:conformance-pack/{name}/conformance-pack-ours"
        pack = {"ConformancePackName": name, "ConformancePackArn": arn, "ConformancePackId": "conformance-pack-ours"}
        for key in ("DeliveryS3Bucket", "DeliveryS3KeyPrefix", "ConformancePackInputParameters"):
            if self._get_param(key):
                pack[key] = self._get_param(key)
        packs[place(self)][name] = pack
        return json.dumps({"ConformancePackArn": arn})

    def describe_packs(self):
        return json.dumps({"ConformancePackDetails": list(packs[place(self)].values())})

    ConfigResponse.put_remediation_configurations = put_remediations
    ConfigResponse.describe_remediation_configurations = describe_remediations
    ConfigResponse.delete_remediation_configuration = delete_remediation
    ConfigResponse.put_conformance_pack = put_pack
    ConfigResponse.describe_conformance_packs = describe_packs


def add_cloudtrail_operations() -> None:
    """Event data stores: a deleted one waits, and can be called back. Selectors replace those before; a topic may be an ARN."""
    import json
    from uuid import uuid4

    from moto.cloudtrail.exceptions import TrailNotFoundException
    from moto.cloudtrail.models import Trail
    from moto.cloudtrail.responses import CloudTrailResponse

    stores = defaultdict(dict)
    names = (
        "AdvancedEventSelectors",
        "MultiRegionEnabled",
        "OrganizationEnabled",
        "RetentionPeriod",
        "TerminationProtectionEnabled",
        "KmsKeyId",
        "BillingMode",
    )

    def said(self):
        body = json.loads(self.body)
        return {name: body[name] for name in names if name in body}

    def store(self):
        found = stores[place(self)].get(json.loads(self.body)["EventDataStore"])
        if found is None:
            raise TrailNotFoundException(account_id=self.current_account, name="of the event data store")
        return found

    def create_store(self):
        body = json.loads(self.body)
        arn = f"arn:aws:cloudtrail:{self.region}:{self.current_account}:eventdatastore/{uuid4()}"
        status = "ENABLED" if body.get("StartIngestion", True) else "STOPPED_INGESTION"
        usual = {"MultiRegionEnabled": True, "OrganizationEnabled": False, "RetentionPeriod": 2557}
        made = {**usual, **said(self), "Name": body["Name"], "EventDataStoreArn": arn, "Status": status}
        stores[place(self)][arn] = made
        self.cloudtrail_backend.add_tags(arn, body.get("TagsList", []))
        return json.dumps(made)

    def update_store(self):
        found = store(self)
        found.update(said(self))
        return json.dumps(found)

    def list_stores(self):
        brief = [{key: one[key] for key in ("Name", "EventDataStoreArn")} for one in stores[place(self)].values()]
        return json.dumps({"EventDataStores": brief})

    def set_status(status):
        def operation(self):
            store(self)["Status"] = status
            return json.dumps(store(self))

        return operation

    def topic_arn(self):
        name = self.sns_topic_name
        if not name or name.startswith("arn:"):
            return name or None
        return f"arn:aws:sns:{self.region_name}:{self.account_id}:{name}"

    def put_insight_selectors(self, insight_selectors):
        self.insight_selectors = list(insight_selectors)

    Trail.topic_arn = property(topic_arn)
    Trail.put_insight_selectors = put_insight_selectors
    CloudTrailResponse.create_event_data_store = create_store
    CloudTrailResponse.update_event_data_store = update_store
    CloudTrailResponse.list_event_data_stores = list_stores
    CloudTrailResponse.get_event_data_store = lambda self: json.dumps(store(self))
    CloudTrailResponse.delete_event_data_store = set_status("PENDING_DELETION")
    CloudTrailResponse.restore_event_data_store = set_status("ENABLED")
    CloudTrailResponse.start_event_data_store_ingestion = set_status("ENABLED")
    CloudTrailResponse.stop_event_data_store_ingestion = set_status("STOPPED_INGESTION")


def add_dynamodb_waiting() -> None:
    from moto_backups import make_backups_take_time
    from moto_exports import export_as_documented

    make_backups_take_time()
    export_as_documented()


ADDITIONS = {"cloudtrail": add_cloudtrail_operations, "cloudwatch": add_cloudwatch_operations, "config": add_config_operations, "dynamodb": add_dynamodb_waiting, "ec2": add_ebs_settings, "efs": add_efs_operations, "rds": add_rds_operations, "servicequotas": add_service_quotas}


def with_additions(create_backend_app):
    """Added when moto first serves the service, so that starting costs nothing."""

    def create(service):
        if service in ADDITIONS:
            ADDITIONS[service]()
        return create_backend_app(service)

    return create
