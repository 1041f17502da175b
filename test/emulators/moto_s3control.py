"""Ours, not moto's: what moto 5.2.3 lacks or forgets of S3 Control, as the S3 API reference documents it.

Access points and their tags belong to a region, whose name is in their ARN; CreateAccessPoint takes tags; a name is taken
once; multi-region access points are made and changed by requests that take a second look, have one bucket in each region, and routes, of which each gets
all requests until it is told otherwise.
"""


def correct_s3_control() -> None:
    from moto.core.responses import ActionResult
    from moto.s3control import urls
    from moto.s3control.exceptions import S3ControlError
    from moto.s3control.models import S3ControlBackend, s3control_backends
    from moto.s3control.responses import S3ControlResponse

    class NameTaken(S3ControlError):
        code = "AccessPointAlreadyOwnedByYou"

    def backend(self):
        whole = s3control_backends[self.current_account][self.partition]
        if not ("/accesspoint" in self.path or "/tags/" in self.path):
            return whole
        regions = whole.__dict__.setdefault("ours_regions", {})
        return regions.setdefault(self.region, S3ControlBackend(self.region, self.current_account))

    S3ControlResponse.backend = property(backend)
    create = S3ControlBackend.create_access_point

    def create_access_point(self, account_id, name, **settings):
        if name in self.access_points[account_id]:
            raise NameTaken(f"There is an access point {name}")
        made = create(self, account_id, name=name, **settings)
        made.arn = f"arn:aws:s3:{self.region_name}:{account_id}:accesspoint/{name}"
        return made

    S3ControlBackend.create_access_point = create_access_point
    create_response = S3ControlResponse.create_access_point

    def create_with_tags(self):
        answer = create_response(self)
        made = self.backend.get_access_point(self._get_param("AccountId"), self._get_param("Name"))
        self.backend.tag_resource(made.arn, tags=self._get_param("Tags", []))
        return answer

    S3ControlResponse.create_access_point = create_with_tags

    urls.url_paths["/v20180820/mrap/instances/<path:mrap>/routes"] = S3ControlResponse.dispatch
    urls.url_paths["/v20180820/tags/<path:arn>"] = S3ControlResponse.dispatch
    correct_multi_region()


def correct_multi_region() -> None:
    """Multi-region access points are made while one looks at the request; buckets have their regions, one each; routes stay."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.s3control.models import S3ControlBackend
    from moto.s3control.responses import S3ControlResponse
    from moto.s3.models import s3_backends
    from moto.s3control.exceptions import InvalidRequestException
    from moto.s3control.models import MultiRegionAccessPointOperation

    create_mrap = S3ControlBackend.create_multi_region_access_point

    def create_multi_region_access_point(self, account_id, name, public_access_block, regions, region_name):
        operation = create_mrap(self, account_id, name, public_access_block, regions, region_name)
        made = self.multi_region_access_points[account_id][name]
        buckets = s3_backends[account_id]["aws"].buckets
        for one in made.regions:
            if one["Bucket"] in buckets:
                one["Region"] = buckets[one["Bucket"]].region_name
        if len({one["Region"] for one in made.regions}) < len(made.regions):
            del self.multi_region_access_points[account_id][name]
            raise InvalidRequestException("Only one bucket per Region is allowed")
        made.status = "CREATING"
        return operation

    S3ControlBackend.create_multi_region_access_point = create_multi_region_access_point
    put_mrap_policy = S3ControlBackend.put_multi_region_access_point_policy

    def put_multi_region_access_point_policy(self, account_id, name, policy, region_name):
        if self.get_multi_region_access_point(account_id, name).status != "READY":
            raise InvalidRequestException("The multi-region access point is not ready")
        return put_mrap_policy(self, account_id, name, policy, region_name)

    S3ControlBackend.put_multi_region_access_point_policy = put_multi_region_access_point_policy
    operation_dict = MultiRegionAccessPointOperation.to_dict

    def to_dict(self):
        looks = self.__dict__.setdefault("ours_looks", 0)
        self.ours_looks = looks + 1
        return {**operation_dict(self), "RequestStatus": self.request_status if looks > 0 else "INPROGRESS"}

    MultiRegionAccessPointOperation.to_dict = to_dict
    describe_operation = S3ControlBackend.describe_multi_region_access_point_operation

    def describe_multi_region_access_point_operation(self, account_id, request_token_arn):
        operation = describe_operation(self, account_id, request_token_arn)
        made = self.multi_region_access_points[account_id].get(operation.name)
        if made is not None and getattr(operation, "ours_looks", 0) > 0:
            made.status = "READY"
        return operation

    S3ControlBackend.describe_multi_region_access_point_operation = describe_multi_region_access_point_operation

    def known_mrap(self):
        mrap = self._get_param("Mrap")
        known = self.backend.multi_region_access_points[self._get_param("AccountId")].values()
        return mrap, next((one for one in known if mrap.endswith(one.alias)), None)

    def get_multi_region_access_point_routes(self):
        mrap, one = known_mrap(self)
        dials = getattr(one, "ours_dials", {})
        regions = [] if one is None else one.regions
        routes = [{**region, "TrafficDialPercentage": dials.get(region["Bucket"], 100)} for region in regions]
        return ActionResult({"Mrap": mrap, "Routes": routes})

    def submit_multi_region_access_point_routes(self):
        _, one = known_mrap(self)
        dials = {**getattr(one, "ours_dials", {})}
        for update in self._get_param("RouteUpdates", []):
            dials[update["Bucket"]] = int(update["TrafficDialPercentage"])
        if not any(dials.get(region["Bucket"], 100) > 0 for region in one.regions):
            raise InvalidRequestException("At least one Region must be active")
        one.ours_dials = dials
        return EmptyResult()

    S3ControlResponse.get_multi_region_access_point_routes = get_multi_region_access_point_routes
    S3ControlResponse.submit_multi_region_access_point_routes = submit_multi_region_access_point_routes
