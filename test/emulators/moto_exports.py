"""Ours, not moto's: exports of DynamoDB as AWS documents them, with manifests and increments, over a past of our making."""


def export_as_documented() -> None:
    """The layout of "DynamoDB table export output format" (developer guide): manifests, checksums, files by partition.

    moto writes one file and no manifest, knows no incremental export, and has no past: Earliest and Latest are one moment. Here
    the latest restorable moment is twenty minutes later with each look, an export shows the items of when it is asked for, and
    an incremental one what differs from the export that ended where it begins, or before. What goes wrong goes wrong by the name
    of the table: `wrong-md5…`, `wrong-etag…`, `wrong-count…` in the manifest, `cut…` in the files, `fails…` in the export, and
    `only-whole…` refuses increments.
    """
    import base64
    import copy
    import hashlib
    import json
    from datetime import datetime, timedelta, timezone

    from moto.core.exceptions import JsonRESTError
    from moto.core.responses import ActionResult
    from moto.core.utils import gzip_compress
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table_export import TableExport
    from moto.dynamodb.models.utilities import dynamo_json_dump
    from moto.dynamodb.responses import DynamoHandler

    files_of_an_export = 3
    describe_backups = DynamoDBBackend.describe_continuous_backups

    def describe_continuous_backups(self, table_name):
        answer = copy.deepcopy(describe_backups(self, table_name))
        recovery = answer["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            table = self.get_table(table_name)
            table.looks_at_past = getattr(table, "looks_at_past", 0) + 1
            earliest = recovery["EarliestRestorableDateTime"]
            later = 20 * 60 * table.looks_at_past
            is_number = isinstance(earliest, (int, float))
            recovery["LatestRestorableDateTime"] = earliest + (later if is_number else timedelta(seconds=later))
        return answer

    DynamoDBBackend.describe_continuous_backups = describe_continuous_backups

    def state_of(table):
        names = [one["AttributeName"] for one in table.schema]
        items = {}
        for item in table.all_items():
            attributes = json.loads(dynamo_json_dump(item.to_json(root_attr_name="Item")))["Item"]
            keys = {name: attributes[name] for name in names}
            items[json.dumps(keys, sort_keys=True)] = (keys, attributes)
        return items

    def seconds(moment):
        return int(moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp())

    def text(moment):
        return datetime.fromtimestamp(seconds(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def lines_of(export):
        now = state_of(export.table)
        past = export.table.__dict__.setdefault("exported_states", {})
        past[seconds(export.to)] = now
        if export.since is None:
            return [(key, {"Item": item}) for key, (_, item) in now.items()]
        known = [moment for moment in past if moment <= seconds(export.since)]
        before = past[max(known)] if known else {}
        said = {"WriteTimestampMicros": {"N": str(seconds(export.to) * 1_000_000)}}
        new = [(key, one) for key, one in now.items() if key not in before or before[key][1] != one[1]]
        gone = [(key, one) for key, one in before.items() if key not in now]
        return [
            *[(key, {"Metadata": said, "Keys": keys, "NewImage": item}) for key, (keys, item) in new],
            *[(key, {"Metadata": said, "Keys": keys}) for key, (keys, _) in gone],
        ]

    def write(self, s3):
        folder = f"{self.s3_prefix}/AWSDynamoDB/{self.arn.split('/')[-1]}"
        data = f"{self.s3_prefix}/AWSDynamoDB/data" if self.since else f"{folder}/data"

        def put(name, content):
            return s3.put_object(bucket_name=self.s3_bucket, key_name=name, value=content).etag.strip('"')

        put(f"{folder}/_started", b"")
        parts = [[] for _ in range(files_of_an_export)]
        for key, line in lines_of(self):
            parts[hashlib.md5(key.encode()).digest()[0] % (files_of_an_export - 1)].append(json.dumps(line))
            self.item_count += 1
        listed = []
        for number, part in enumerate(parts):
            content = gzip_compress("".join(line + "\n" for line in part).encode())
            name = f"{data}/{self.arn.split('-')[-1]}{number}.json.gz"
            etag = put(name, content)
            md5 = base64.b64encode(hashlib.md5(content).digest()).decode()
            wrong = self.table.name.startswith
            if wrong("cut"):
                content = content[:-9]
                etag, md5 = put(name, content), base64.b64encode(hashlib.md5(content).digest()).decode()
            listed.append(
                {
                    "itemCount": len(part) + (1 if wrong("wrong-count") else 0),
                    "md5Checksum": base64.b64encode(bytes(16)).decode() if wrong("wrong-md5") else md5,
                    "etag": "x" if wrong("wrong-etag") else etag,
                    "dataFileS3Key": name,
                }
            )
        if self.table.name.startswith("fails"):
            raise ValueError("the bucket is gone")
        times = {"exportTime": text(self.to)} if self.since is None else {
            "exportFromTime": text(self.since),
            "exportToTime": text(self.to),
            "outputView": "NEW_IMAGE",
            "exportType": "INCREMENTAL_EXPORT",
        }
        summary = {
            "version": "2020-06-30" if self.since is None else "2023-08-01",
            "exportArn": self.arn,
            "tableArn": self.table.table_arn,
            "s3Bucket": self.s3_bucket,
            "s3Prefix": self.s3_prefix,
            "manifestFilesS3Key": f"{folder}/manifest-files.json",
            "itemCount": self.item_count,
            "outputFormat": "DYNAMODB_JSON",
            **times,
        }
        for name, content in (
            ("manifest-files", "\n".join(json.dumps(one) for one in listed)),
            ("manifest-summary", json.dumps(summary)),
        ):
            put(f"{folder}/{name}.json", content.encode())
            put(f"{folder}/{name}.checksum", base64.b64encode(hashlib.md5(content.encode()).digest()))
        self.manifest = f"{folder}/manifest-summary.json"
        self.status = "COMPLETED"

    TableExport._backup_to_s3_file = write
    respond = TableExport.response

    def response(self):
        answer = respond(self)
        if self.status == "COMPLETED":
            answer["ExportManifest"] = self.manifest
        return answer

    TableExport.response = response
    export = DynamoDBBackend.export_table

    def export_table_to_point_in_time(self):
        said = self.body
        window = said.get("IncrementalExportSpecification") or {}
        since, to = window.get("ExportFromTime"), window.get("ExportToTime") or said.get("ExportTime")
        if since and not timedelta(minutes=15) <= to - since <= timedelta(hours=24):
            raise JsonRESTError("ValidationException", "Export window must be between 15 minutes and 24 hours")
        if since and said["TableArn"].split("/")[-1].startswith("only-whole"):
            raise JsonRESTError("ValidationException", "Incremental exports are not possible")
        start = TableExport.start
        TableExport.start = lambda one: None
        try:
            made = export(
                self.dynamodb_backend,
                s3_bucket=said["S3Bucket"],
                s3_prefix=said["S3Prefix"],
                table_arn=said["TableArn"],
                export_type=said.get("ExportType", "FULL_EXPORT"),
                export_format=said.get("ExportFormat"),
                s3_bucket_owner=said.get("S3BucketOwner"),
            )
        finally:
            TableExport.start = start
        del self.dynamodb_backend.table_exports[made.arn]
        made.arn = f"{said['TableArn']}/export/01695097218000-{made.arn.split('/')[-1][:8]}"
        self.dynamodb_backend.table_exports[made.arn] = made
        made.since, made.to = since, to
        told = {"ExportDescription": made.response()}
        made.run()
        return ActionResult(told)

    DynamoHandler.export_table_to_point_in_time = export_table_to_point_in_time
