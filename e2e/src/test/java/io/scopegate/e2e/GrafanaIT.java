package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.tempo.Traces;
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
 * Grafana's Tempo data source by each of the ways that its versions dial, all at one port of one
 * gateway before a real Tempo: what it asks by HTTP, and a search that streams.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrafanaIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final String TAGS = "tempopb.StreamingQuerier/SearchTagsV2";
  private static final String TENANT = "x-scope-orgid";

  /** How the data source is set up, and how Grafana dials then. */
  enum Way {
    /** An http URL: everything in clear text. */
    HTTP(false, false, false),
    /** An https URL without Basic auth, before late 2025: gRPC in clear text all the same. */
    HTTPS_WITH_CLEAR_TEXT_GRPC(true, false, false),
    /** An https URL with Basic auth, in any version. */
    HTTPS_WITH_BASIC_AUTH(true, true, true),
    /** An https URL without Basic auth, since late 2025: by the scheme. */
    HTTPS(true, true, false);

    final boolean https;
    final boolean grpcOverTls;
    final boolean basic;

    Way(boolean https, boolean grpcOverTls, boolean basic) {
      this.https = https;
      this.grpcOverTls = grpcOverTls;
      this.basic = basic;
    }
  }

  private Cluster cluster;
  @AutoClose private Tempo tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  private Http http;
  private String token;
  private String known;

  @BeforeAll
  void start() {
    Parts.need("tempo");
    cluster = Cluster.shared();
    tempo = Tempo.start();
    gateway = GatewayRun.of(cluster, tempo.ports()).start("grafana");
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
    token = cluster.token("showcase", "query");
    known = write();
  }

  @ParameterizedTest
  @EnumSource
  void saveAndTestFindsTheDataSource(Way way) {
    assertThat(get(way, "/api/echo").text()).contains("echo");
    assertThat(get(way, "/api/status/buildinfo").text()).contains("version");
  }

  @ParameterizedTest
  @EnumSource
  void aTraceAndItsTagsAreRead(Way way) {
    assertThat(get(way, "/api/v2/traces/" + known).text()).contains("POST /cart");
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

  private Reply get(Way way, String path) {
    String url = way.https ? gateway.query(path) : gateway.queryInClearText(path);
    return http.get(url, "authorization", credential(way), TENANT, "showcase");
  }

  /** The data source's headers travel as metadata, and Basic auth as that of each call. */
  private Rpc.Called call(Way way, String method, Message message) {
    String[] metadata = {"authorization", credential(way), TENANT, "showcase"};
    int port = gateway.ports().query();
    return way.grpcOverTls
        ? rpc.call(port, method, message, metadata)
        : rpc.callInClearText(port, method, message, metadata);
  }

  private String credential(Way way) {
    return way.basic
        ? "Basic "
            + Base64.getEncoder()
                .encodeToString(("grafana:" + token).getBytes(StandardCharsets.UTF_8))
        : "Bearer " + token;
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
