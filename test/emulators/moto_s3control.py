"""Ours, not moto's: what moto 5.2.3 lacks or forgets of S3 Control, as the S3 API reference documents it.

Access points and their tags belong to a region, whose name is in their ARN; CreateAccessPoint takes tags; a name is taken
once; multi-region access points have routes, of which each gets all requests until it is told otherwise.
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

    def get_multi_region_access_point_routes(self):
        mrap = self._get_param("Mrap")
        known = self.backend.multi_region_access_points[self._get_param("AccountId")].values()
        regions = next((one.regions for one in known if mrap.endswith(one.alias)), [])
        return ActionResult({"Mrap": mrap, "Routes": [{**one, "TrafficDialPercentage": 100} for one in regions]})

    S3ControlResponse.get_multi_region_access_point_routes = get_multi_region_access_point_routes
    urls.url_paths["/v20180820/mrap/instances/<path:mrap>/routes"] = S3ControlResponse.dispatch
    urls.url_paths["/v20180820/tags/<path:arn>"] = S3ControlResponse.dispatch
