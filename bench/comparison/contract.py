"""Generated contracts of any size, compiled with protoc. bench_upstream answers their methods with an invoice."""
import os
import shutil
import subprocess

from .process import Failed
from .proxies import HERE

HEAD = """syntax = "proto3";
package bench.v1;
import "billing/v1/billing.proto";
import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";
"""

# The fields of an invoice, so that an invoice can be read as one.
MESSAGES = """
message Resource{n} {{
  string id = 1; string customer_id = 2; billing.v1.Status status = 3; billing.v1.Money total = 4;
  repeated billing.v1.Line lines = 5; google.protobuf.Timestamp created_at = 6; map<string, string> labels = 7;
  double discount = 8; bytes checksum = 9;
}}
message GetResource{n}Request {{ string id = 1; }}
message ListResource{n}Request {{ int32 page_size = 1; string page_token = 2; billing.v1.Status status = 3; }}
message ListResource{n}Response {{ repeated Resource{n} items = 1; string next_page_token = 2; }}
message CreateResource{n}Request {{ string parent = 1; Resource{n} resource = 2; }}
"""

METHODS = (
    'rpc Get(GetResource{n}Request) returns (Resource{n}) {{ option (google.api.http) = {{get: "/v1/resource{n}/{{id}}"}}; }}',
    'rpc List(ListResource{n}Request) returns (ListResource{n}Response) {{ option (google.api.http) = {{get: "/v1/resource{n}"}}; }}',
    'rpc Create(CreateResource{n}Request) returns (Resource{n}) {{ option (google.api.http) = {{post: "/v1/{{parent=shops/*}}/resource{n}" body: "resource"}}; }}',
    'rpc Update(Resource{n}) returns (Resource{n}) {{ option (google.api.http) = {{patch: "/v1/resource{n}/{{id}}" body: "*"}}; }}',
    'rpc Delete(GetResource{n}Request) returns (Resource{n}) {{ option (google.api.http) = {{delete: "/v1/resource{n}/{{id}}"}}; }}',
)


def service(number, methods):
    body = "\n".join("  " + method.format(n=number) for method in methods)
    return f"service Resource{number}Service {{\n{body}\n}}\n"


def text(methods):
    """A contract of so many methods, five to a service."""
    parts = [HEAD]
    for number, first in enumerate(range(0, methods, len(METHODS))):
        parts.append(MESSAGES.format(n=number))
        parts.append(service(number, METHODS[:methods - first]))
    return "".join(parts)


def path_in_the_middle(methods):
    """Of the Get of a service that is neither the first nor the last."""
    return f"/v1/resource{(methods - 1) // len(METHODS) // 2}/inv-1001"


def compiled(places, methods):
    """The path of its descriptor set."""
    if shutil.which("protoc") is None:
        raise Failed("needs protoc: make setup (or apt-get install protobuf-compiler)")
    source = places.file(f"contract{methods}.proto")
    with open(source, "w", encoding="utf-8") as file:
        file.write(text(methods))
    root = os.path.dirname(HERE)
    descriptors = places.file(f"contract{methods}.pb")
    subprocess.run(["protoc", f"-I{places.scratch}", f"-I{root}/examples/protos", f"-I{root}/descriptors",
                    "--include_imports", f"--descriptor_set_out={descriptors}", os.path.basename(source)], check=True)
    return descriptors
