package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.RawHttp1;
import io.scopegate.testkit.tempo.Received;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What arrives upstream, seen by an upstream that records it; the decisions are the cluster's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeadersIT {
  private static final String TENANT = "x-scope-orgid";
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private GatewayRun gateway;
  private Http http;
  @AutoClose private Rpc rpc;
  private String query;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("headers");
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    query = "Bearer " + cluster.token("showcase", "query");
  }

  @BeforeEach
  void forget() {
    tempo.received().clear();
  }

  @Test
  void tokenStaysBehindAndTenantArrivesOnce() {
    assertThat(
            http.get(
                    gateway.query("/api/search"),
                    "authorization",
                    query,
                    "X-SCOPE-ORGID",
                    "showcase",
                    "x-forwarded-for",
                    "203.0.113.7",
                    "x-remote-user",
                    "system:admin",
                    "impersonate-user",
                    "system:admin",
                    "x-scope-userid",
                    "admin")
                .status())
        .isEqualTo(200);
    Received received = tempo.received().last();
    assertThat(received.header(TENANT)).containsExactly("showcase");
    assertThat(List.of("authorization", "x-remote-user", "impersonate-user", "x-scope-userid"))
        .allSatisfy(name -> assertThat(received.header(name)).isEmpty());
    assertThat(String.join(", ", received.header("x-forwarded-for")))
        .isEqualTo("203.0.113.7, 127.0.0.1");
    assertThat(received.header("x-forwarded-proto")).containsExactly("https");
    assertThat(received.header("host")).containsExactly("localhost:" + gateway.ports().query());
  }

  @Test
  void sameOverGrpc() {
    Rpc.Called called =
        rpc.call(
            gateway.ports().query(),
            SEARCH,
            SearchRequest.getDefaultInstance(),
            "authorization",
            query,
            TENANT,
            "showcase");
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    Received received = tempo.received().last();
    assertThat(received.header(TENANT)).containsExactly("showcase");
    assertThat(received.header("authorization")).isEmpty();
    assertThat(received.header("te")).containsExactly("trailers");
  }

  /** As Grafana 13.0 and 13.1 stream a search; Tempo itself refuses two values. */
  @Test
  void equalValuesArriveAsOne() {
    Rpc.Called called =
        rpc.call(
            gateway.ports().query(),
            SEARCH,
            SearchRequest.getDefaultInstance(),
            "authorization",
            query,
            TENANT,
            "showcase",
            "authorization",
            query,
            TENANT,
            "showcase");
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    assertThat(tempo.received().last().header(TENANT)).containsExactly("showcase");
    assertThat(tempo.received().last().header("authorization")).isEmpty();
  }

  @Test
  void secondTenantIsNoWayAround() {
    Http.Reply reply =
        http.get(
            gateway.query("/api/search"),
            "authorization",
            query,
            TENANT,
            "showcase",
            TENANT,
            "payments");
    assertThat(reply.status()).isEqualTo(400);
    Rpc.Called called =
        rpc.call(
            gateway.ports().query(),
            SEARCH,
            SearchRequest.getDefaultInstance(),
            "authorization",
            query,
            TENANT,
            "showcase",
            TENANT,
            "payments");
    assertThat(called.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    assertThat(tempo.received().count()).isZero();
  }

  /** A header that the Connection header names is dropped, and the tenant is set behind that. */
  @Test
  void connectionHeaderDoesNotTakeTheTenantAway() throws IOException {
    try (RawHttp1 raw =
        RawHttp1.connect(gateway.ports().query(), Http.trusting(cluster.ca()).getSocketFactory())) {
      raw.write(
          "GET /api/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
              + query
              + "\r\nX-Scope-OrgID: showcase\r\nX-Odd: 1\r\n"
              + "Connection: close, X-Scope-OrgID, X-Odd\r\n\r\n");
      assertThat(raw.readHead()).startsWith("HTTP/1.1 200");
    }
    assertThat(tempo.received().last().header(TENANT)).containsExactly("showcase");
    assertThat(tempo.received().last().header("x-odd")).isEmpty();
  }

  @Test
  void whatIsRefusedNeverReachesTempo() {
    for (String path :
        new String[] {"/status/config", "/flush", "/querier/x", "/api/../flush", "//flush", "/x"}) {
      for (String method : new String[] {"GET", "POST", "DELETE"}) {
        Http.Reply reply =
            http.send(
                method,
                gateway.query(path),
                HttpRequest.BodyPublishers.noBody(),
                "authorization",
                query,
                TENANT,
                "showcase");
        assertThat(reply.status()).as("%s %s", method, path).isIn(400, 404, 405);
      }
    }
    for (String method :
        new String[] {"tempopb.BackendScheduler/SubmitRedaction", "tempopb.Pusher/PushBytesV2"}) {
      rpc.call(
          gateway.ports().query(),
          method,
          SearchRequest.getDefaultInstance(),
          "authorization",
          query,
          TENANT,
          "showcase");
    }
    assertThat(tempo.received().count()).isZero();
    assertThat(tempo.received().forbidden()).isEmpty();
  }
}
