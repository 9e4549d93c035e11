package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.KubernetesStandIn.Grant;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.Subject;
import io.scopegate.testkit.kubernetes.TokenSpec;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changes in the cluster acts on requests, and on streams that are open. */
final class RevocationIT {
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String PERMISSION_DENIED = "7";
  private static final String UNAVAILABLE = "14";
  private static final String UNAUTHENTICATED = "16";

  private RawUpstream tempo;
  private GatewayHarness harness;
  private H2Wire client;
  private ServiceAccount reader;

  @BeforeEach
  void start() throws IOException {
    tempo = RawUpstream.open();
    harness =
        GatewayHarness.watching(
            """
            upstreams: {tempo: {url: "http://127.0.0.1:%d", protocol: h2c}}
            listeners: {query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: tempo}}
            """
                .formatted(tempo.port()));
    client = H2Wire.connect(harness.port("query"));
    reader = harness.kubernetes.serviceAccount("apps", "reader");
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    tempo.reset();
    harness.close();
    tempo.close();
  }

  private Grant mayRead(Subject subject) {
    return harness.kubernetes.grant(subject, Rule.readTraces(GatewayHarness.TENANT));
  }

  private int call(String token) throws IOException {
    return client.request(
        harness.http2With(
            token, "POST", SEARCH, "content-type", "application/grpc", "te", "trailers"),
        true);
  }

  /** A search under way: the first message has come. */
  private int stream(String token) throws IOException {
    int id = call(token);
    H2Wire upstream = tempo.acceptH2();
    int up = upstream.opened().stream();
    upstream.headers(
        up, H2Wire.fields(":status", "200", "content-type", "application/grpc"), false);
    upstream.data(up, new byte[] {0, 0, 0, 0, 0}, false);
    client.await(H2Wire.HEADERS, id);
    client.await(H2Wire.DATA, id);
    return id;
  }

  private String trailers(int id) throws IOException {
    return client.rest(id, client.await(H2Wire.HEADERS, id)).head().get("grpc-status").toString();
  }

  private String refused(String token) throws IOException {
    return client.message(call(token)).grpcStatus();
  }

  @Test
  void aDeletedBindingEndsAnOpenSearchAndRefusesTheNext() throws IOException {
    Grant grant = mayRead(reader.subject());
    String token = harness.kubernetes.token(reader);
    int id = stream(token);
    grant.revoke();
    assertThat(trailers(id)).isEqualTo(PERMISSION_DENIED);
    assertThat(refused(token)).isEqualTo(PERMISSION_DENIED);
  }

  @Test
  void anOpenSearchEndsAlthoughTheReviewsLagBehind() throws IOException {
    Grant grant = mayRead(Subject.group("system:serviceaccounts:apps"));
    String token = harness.kubernetes.token(reader);
    int id = stream(token);
    harness.kubernetes.freezeReviews();
    int asked = harness.kubernetes.requests().of(RequestKind.SUBJECT_ACCESS_REVIEW);
    grant.revoke();
    harness.kubernetes.requests().await(RequestKind.SUBJECT_ACCESS_REVIEW, asked + 2);
    harness.kubernetes.thawReviews();
    assertThat(trailers(id)).isEqualTo(PERMISSION_DENIED);
  }

  @Test
  void anOpenSearchDoesNotOutliveItsBindingByMuchWhileNobodyCanBeAsked() throws IOException {
    Grant grant = mayRead(reader.subject());
    int id = stream(harness.kubernetes.token(reader));
    harness.kubernetes.faults().always(RequestKind.SUBJECT_ACCESS_REVIEW, Fault.status(500));
    double before = invalidations();
    grant.revoke();
    GatewayHarness.until(() -> invalidations() > before);
    assertThat(trailers(id)).isEqualTo(UNAVAILABLE);
  }

  @Test
  void aDeletedAccountEndsAnOpenSearchAndRefusesTheNext() throws IOException {
    mayRead(reader.subject());
    String token = harness.kubernetes.token(reader);
    int id = stream(token);
    harness.kubernetes.freezeReviews();
    harness.kubernetes.delete(reader);
    assertThat(trailers(id)).isEqualTo(UNAUTHENTICATED);
    assertThat(refused(token)).isEqualTo(UNAUTHENTICATED);
  }

  @Test
  void theEndOfAPodEndsWhatItsTokenHasOpen() throws IOException {
    mayRead(reader.subject());
    harness.kubernetes.pod(reader, "grafana");
    String token = harness.kubernetes.token(reader, TokenSpec.defaults().boundToPod("grafana"));
    int id = stream(token);
    harness.kubernetes.delete(Resource.PODS, "apps", "grafana");
    assertThat(trailers(id)).isEqualTo(UNAUTHENTICATED);
    assertThat(refused(token)).isEqualTo(UNAUTHENTICATED);
  }

  @Test
  void aNewGrantLetsInWhoWasRefused() throws IOException {
    String token = harness.kubernetes.token(reader);
    assertThat(refused(token)).isEqualTo(PERMISSION_DENIED);
    double before = invalidations();
    mayRead(reader.subject());
    GatewayHarness.until(() -> invalidations() > before);
    stream(token);
    GatewayHarness.until(
        () -> harness.metrics().contains("scopegate_watch_synced{resource=\"pods\"} 1.0"));
  }

  private double invalidations() {
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith("scopegate_watch_invalidations_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }
}
