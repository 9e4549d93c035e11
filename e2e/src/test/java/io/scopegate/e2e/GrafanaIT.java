package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Grafana's Tempo data source in each way that its versions connect, all at one port of one gateway
 * before a real Tempo: what it asks by HTTP, and what it streams. The headers of each way are those
 * that the code of that version sends.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrafanaIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final String RANGE = "tempopb.StreamingQuerier/MetricsQueryRange";
  private static final String INSTANT = "tempopb.StreamingQuerier/MetricsQueryInstant";
  private static final String TAGS = "tempopb.StreamingQuerier/SearchTagsV2";
  private static final String TENANT = "x-scope-orgid";
  private static final String CERTIFICATE_USER = "grafana-showcase";

  /** How the data source is set up, in which version, and how Grafana connects then. */
  enum Way {
    /** An http URL, the token in a custom header. */
    HTTP(false, false, Credential.HEADER, false),
    /** The same in 13.0 and 13.1. */
    HTTP_DOUBLED(false, false, Credential.HEADER, true),
    /** An http URL with Basic auth until 12.4: gRPC over TLS all the same. */
    HTTP_WITH_BASIC_AND_GRPC_OVER_TLS(false, true, Credential.BASIC, false),
    /** An https URL without Basic auth until 12.4: gRPC in clear text all the same. */
    HTTPS_WITH_CLEAR_TEXT_GRPC(true, false, Credential.HEADER, false),
    /** An https URL with Basic auth. */
    HTTPS_WITH_BASIC(true, true, Credential.BASIC, false),
    /** The same in 13.0 and 13.1: the tenant is sent twice on streams, the password once. */
    HTTPS_WITH_BASIC_DOUBLED(true, true, Credential.BASIC, true),
    /** An https URL without Basic auth since 13.2: gRPC by the scheme. */
    HTTPS(true, true, Credential.HEADER, false),
    /** The same in 13.0 and 13.1. */
    HTTPS_DOUBLED(true, true, Credential.HEADER, true),
    /** A client certificate since 13.2. */
    HTTPS_WITH_CERTIFICATE(true, true, Credential.CERTIFICATE, false),
    /** The same in 13.0 and 13.1. */
    HTTPS_WITH_CERTIFICATE_DOUBLED(true, true, Credential.CERTIFICATE, true);

    final boolean https;
    final boolean grpcOverTls;
    final Credential credential;
    final boolean doubled;

    Way(boolean https, boolean grpcOverTls, Credential credential, boolean doubled) {
      this.https = https;
      this.grpcOverTls = grpcOverTls;
      this.credential = credential;
      this.doubled = doubled;
    }
  }

  /** What a data source shows. */
  enum Credential {
    /** A token in a custom header. */
    HEADER,
    /** A token as the password. */
    BASIC,
    /** A client certificate. */
    CERTIFICATE
  }

  private Cluster cluster;
  @AutoClose private Tempo tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  @AutoClose private Rpc certifiedRpc;
  private Http http;
  private Http certifiedHttp;
  private String token;
  private String known;

  @BeforeAll
  void start() {
    Parts.need("tempo");
    cluster = Cluster.shared();
    tempo = Tempo.start();
    Path authorities = cluster.ca().writePem(Scratch.directory("grafana-ca").resolve("ca.crt"));
    gateway =
        GatewayRun.of(cluster, tempo.ports())
            .replace("\ntls:\n", "\ntls:\n  clientCaFile: " + authorities + "\n")
            .start("grafana");
    mayRead(CERTIFICATE_USER);
    TestCa.Issued certificate = cluster.ca().client(CERTIFICATE_USER);
    rpc = new Rpc(cluster.ca());
    certifiedRpc = new Rpc(cluster.ca(), certificate);
    http = Http.one(cluster.ca());
    certifiedHttp = Http.one(cluster.ca(), certificate);
    token = cluster.token("showcase", "query");
    known = write();
  }

  @ParameterizedTest
  @EnumSource
  void saveAndTestFindsTheDataSource(Way way) {
    assertThat(get(way, "/api/echo").text()).contains("echo");
    assertThat(get(way, "/api/status/buildinfo").text()).contains("version");
    // With streaming on, it streams a search, whose headers no version doubles.
    assertThat(call(way, SEARCH, all(), headers(way, false)).status()).isEqualTo(GrpcStatus.OK);
  }

  @ParameterizedTest
  @EnumSource
  void aTraceAndItsTagsAreRead(Way way) {
    String range = between("?");
    Reply trace = get(way, "/api/v2/traces/" + known + range, "accept", "application/protobuf");
    assertThat(trace.text()).contains("POST /cart");
    Until.holds(
        "the tag is known",
        ARRIVES,
        () -> get(way, "/api/v2/search/tags").text().contains("service.name"));
    Until.holds(
        "its value is known",
        ARRIVES,
        () ->
            get(way, "/api/v2/search/tag/resource.service.name/values")
                .text()
                .contains("checkout"));
    // Versions since 12.3 write a slash of a tag's name as it is.
    assertThat(get(way, "/api/v2/search/tag/span.http/route/values").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aSearchStreams(Way way) {
    Until.holds("the search finds the trace", ARRIVES, () -> finds(call(way, SEARCH, all())));
    assertThat(call(way, TAGS, SearchTagsRequest.getDefaultInstance()).status())
        .isEqualTo(GrpcStatus.OK);
  }

  @ParameterizedTest
  @EnumSource
  void metricsAreQueriedAndStreamed(Way way) {
    String question = "?q=%7B%7D+%7C+rate%28%29";
    assertThat(get(way, "/api/metrics/query_range" + question + "&step=60s" + between("&")).text())
        .contains("series");
    assertThat(get(way, "/api/metrics/query" + question + between("&")).text()).contains("series");
    long end = Instant.now().getEpochSecond() * 1_000_000_000L;
    long start = end - 3_600_000_000_000L;
    QueryRangeRequest range =
        QueryRangeRequest.newBuilder()
            .setQuery("{} | rate()")
            .setStart(start)
            .setEnd(end)
            .setStep(60_000_000_000L)
            .build();
    QueryInstantRequest instant =
        QueryInstantRequest.newBuilder()
            .setQuery("{} | rate()")
            .setStart(start)
            .setEnd(end)
            .build();
    for (Rpc.Called called : List.of(call(way, RANGE, range), call(way, INSTANT, instant))) {
      assertThat(called.status()).as("%s", called.message()).isEqualTo(GrpcStatus.OK);
      assertThat(called.messages()).isNotEmpty();
    }
  }

  /** With {@code streamingForwardTeamHeadersTempo}, 13.0 and 13.1 add a number of their own. */
  @Test
  void aStreamWithDifferentTenantsIsRefused() {
    for (List<String> tenants :
        List.of(List.of("showcase", "1", "showcase"), List.of("1", "showcase", "showcase"))) {
      List<String> headers = new ArrayList<>(List.of("authorization", "Bearer " + token));
      tenants.forEach(tenant -> headers.addAll(List.of(TENANT, tenant)));
      Rpc.Called called = call(Way.HTTPS, SEARCH, all(), headers);
      assertThat(called.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
      assertThat(called.message()).contains("several x-scope-orgid headers with different values");
      assertThat(called.messages()).isEmpty();
    }
  }

  @Test
  void aStreamWithDifferentTokensIsRefused() {
    String other = cluster.token("showcase", "query");
    Rpc.Called called =
        call(
            Way.HTTPS,
            SEARCH,
            all(),
            List.of(
                "authorization",
                "Bearer " + token,
                "authorization",
                "Bearer " + other,
                TENANT,
                "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
    assertThat(called.message()).contains("several authorization headers with different values");
    assertThat(called.messages()).isEmpty();
  }

  /**
   * Forward OAuth Identity: queries have the user's token, streams have nothing, in all versions.
   */
  @Test
  void aForwardedLoginReadsByHttpAndIsMissingOnStreams() {
    String[] forwarded = {
      "authorization", "Bearer " + token, "x-id-token", token, TENANT, "showcase"
    };
    assertThat(http.get(gateway.query("/api/v2/traces/" + known), forwarded).text())
        .contains("POST /cart");
    Rpc.Called called = call(Way.HTTPS_DOUBLED, SEARCH, all(), List.of(TENANT, "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.UNAUTHENTICATED);
    assertThat(called.message()).contains("no authorization header");
  }

  /** Some versions send an empty header for users who did not log in by OAuth. */
  @Test
  void anEmptyForwardedLoginIsNobodyEvenBesideACertificate() {
    for (Http client : List.of(http, certifiedHttp)) {
      Reply reply =
          client.get(gateway.query("/api/search"), "authorization", "", TENANT, "showcase");
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.text()).contains("an empty authorization header");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "HTTPS_WITH_CLEAR_TEXT_GRPC", "HTTPS_WITH_BASIC", "HTTPS"})
  void theClientOfGrafanaItselfStreamsASearch(Way way) {
    Path cli = Parts.need("tempo-cli");
    Path directory = gateway.directory();
    Path trusted = cluster.ca().writePem(directory.resolve("trusted-" + way + ".crt"));
    List<String> command = new ArrayList<>(List.of(cli.toString(), "query", "api", "search"));
    command.addAll(
        List.of("--org-id=showcase", "--use-grpc", "--header=authorization=" + credential(way)));
    if (way.grpcOverTls) {
      command.add("--secure");
    }
    command.addAll(List.of("localhost:" + gateway.ports().query(), "{}", "now-1h", "now"));
    Until.holds(
        "tempo-cli, which is grpc-go as Grafana is, finds traces",
        ARRIVES,
        () -> {
          Part.Ended ended =
              Part.run(
                  "tempo-cli",
                  directory,
                  Map.of("SSL_CERT_FILE", trusted.toString()),
                  Duration.ofSeconds(30),
                  command);
          return ended.code() == 0 && ended.output().contains("traceID");
        });
  }

  @Test
  void whoeverMayNotReadGetsNothingByAnyWay() {
    token = cluster.token("showcase", "ingest");
    try {
      for (Way way : Way.values()) {
        if (way.credential == Credential.CERTIFICATE) {
          continue;
        }
        assertThat(get(way, "/api/v2/traces/" + known).status()).isEqualTo(403);
        Rpc.Called called = call(way, SEARCH, all());
        assertThat(called.status()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
        assertThat(called.messages()).isEmpty();
      }
    } finally {
      token = cluster.token("showcase", "query");
    }
  }

  // ---- as Grafana does

  private Reply get(Way way, String path, String... more) {
    String url = way.https ? gateway.query(path) : gateway.queryInClearText(path);
    List<String> headers = headers(way, false);
    headers.addAll(List.of(more));
    return (way.credential == Credential.CERTIFICATE ? certifiedHttp : http)
        .get(url, headers.toArray(String[]::new));
  }

  /** A stream with the headers of this version. */
  private Rpc.Called call(Way way, String method, Message message) {
    return call(way, method, message, headers(way, way.doubled));
  }

  private Rpc.Called call(Way way, String method, Message message, List<String> headers) {
    String[] metadata = headers.toArray(String[]::new);
    int port = gateway.ports().query();
    if (!way.grpcOverTls) {
      return rpc.callInClearText(port, method, message, metadata);
    }
    return (way.credential == Credential.CERTIFICATE ? certifiedRpc : rpc)
        .call(port, method, message, metadata);
  }

  /** Custom headers are doubled; Basic auth is no custom header. */
  private List<String> headers(Way way, boolean doubled) {
    List<String> custom = new ArrayList<>();
    if (way.credential == Credential.HEADER) {
      custom.addAll(List.of("authorization", credential(way)));
    }
    custom.addAll(List.of(TENANT, "showcase"));
    List<String> headers = new ArrayList<>(custom);
    if (doubled) {
      headers.addAll(custom);
    }
    if (way.credential == Credential.BASIC) {
      headers.addAll(List.of("authorization", credential(way)));
    }
    return headers;
  }

  private String credential(Way way) {
    return way.credential == Credential.BASIC
        ? "Basic "
            + Base64.getEncoder()
                .encodeToString(("grafana:" + token).getBytes(StandardCharsets.UTF_8))
        : "Bearer " + token;
  }

  /** Rights of a user who is no service account. */
  private void mayRead(String user) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traces-showcase-read}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %1$s}]
        """
            .formatted(user));
  }

  private static String between(String separator) {
    long now = Instant.now().getEpochSecond();
    return separator + "start=" + (now - 3600) + "&end=" + (now + 60);
  }

  private static SearchRequest all() {
    long now = Instant.now().getEpochSecond();
    return SearchRequest.newBuilder()
        .setQuery("{}")
        .setLimit(100)
        .setStart((int) (now - 3600))
        .setEnd((int) (now + 60))
        .build();
  }

  private boolean finds(Rpc.Called called) {
    String id = known.replaceFirst("^0+", "");
    return called.status() == GrpcStatus.OK
        && called.messages().stream().anyMatch(message -> names(message, id));
  }

  private static boolean names(byte[] message, String id) {
    try {
      return SearchResponse.parseFrom(message).getTracesList().stream()
          .anyMatch(trace -> trace.getTraceID().equals(id));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a trace through the gateway and waits until Tempo has it. */
  private String write() {
    String id = Traces.newId();
    long start = (System.currentTimeMillis() - 5_000) * 1_000_000;
    Reply reply =
        http.post(
            gateway.otlpHttp("/v1/traces"),
            Traces.batch(id, "checkout", "POST /cart", 3, start).toByteArray(),
            "authorization",
            "Bearer " + cluster.token("showcase", "ingest"),
            TENANT,
            "showcase",
            "content-type",
            "application/x-protobuf");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    Until.holds("Tempo has " + id, ARRIVES, () -> tempo.spans("showcase", id) == 3);
    return id;
  }
}
