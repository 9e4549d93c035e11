package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Fault;
import io.scopegate.testkit.OidcStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.Subject;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of every kind before a whole gateway. */
final class TokensIT {
  private static final String LISTENERS =
      """
      listeners:
        in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
      """;
  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

  @TempDir private Path directory;
  private RawUpstream upstream;
  private OidcStandIn oidc;
  private GatewayHarness harness;

  @BeforeEach
  void start() throws IOException {
    upstream = RawUpstream.open();
    oidc = OidcStandIn.start();
    write("s3cret-of-jane");
    String authentication =
        """
        kubeconfig: "DIR/kubeconfig"}, staticTokens: "%s", oidc: [{issuer: "%s", audiences: [tempo], \
        usernamePrefix: "sso:", caFile: "%s"}]}
        """
            .formatted(
                directory.resolve("tokens.yaml"),
                oidc.issuer(),
                oidc.ca().writePem(directory.resolve("oidc.crt")));
    harness =
        GatewayHarness.following(
            "upstreams: {up: {url: \"http://127.0.0.1:%d\", protocol: http1}}\n"
                    .formatted(upstream.port())
                + LISTENERS
                + "authentication: {kubernetes: {"
                + authentication);
    GatewayHarness.until(() -> keys().size() == 2 && !keys().contains("0.0"));
  }

  /** How many keys are known, of the cluster and of the issuer. */
  private List<String> keys() {
    return harness
        .metrics()
        .lines()
        .filter(line -> line.startsWith("scopegate_issuer_keys{"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }

  @AfterEach
  void stop() throws IOException {
    harness.close();
    upstream.close();
    oidc.close();
  }

  private void write(String... tokens) throws IOException {
    StringBuilder yaml = new StringBuilder("tokens:\n- {sha256: " + hash("other") + ", user: x}\n");
    for (String token : tokens) {
      yaml.append("- {sha256: ").append(hash(token)).append(", user: jane, groups: [readers]}\n");
    }
    Files.writeString(directory.resolve("tokens.yaml"), yaml);
  }

  private static String hash(String token) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private int reviews() {
    return harness.kubernetes.requests().of(RequestKind.TOKEN_REVIEW);
  }

  /** The answer to one request on a connection of its own. */
  private int status(String token) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1With(token, "GET", "/a"));
      return client.readHead().status();
    }
  }

  private void assertPasses(String token) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1With(token, "GET", "/a"));
      try (Wire up = upstream.accept()) {
        up.readHead();
        up.write(OK);
        assertThat(client.readHead().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void staticTokensActAndEndWithTheirFile() throws IOException {
    harness.kubernetes.grant(Subject.group("readers"), Rule.readTraces(GatewayHarness.TENANT));
    int before = reviews();
    assertPasses("s3cret-of-jane");
    write("next");
    harness.pollFiles();
    assertThat(status("s3cret-of-jane")).isEqualTo(401);
    assertPasses("next");
    Files.writeString(directory.resolve("tokens.yaml"), "tokens: [nonsense]");
    harness.pollFiles();
    assertPasses("next");
    assertThat(harness.metrics())
        .contains("scopegate_reloads_total{result=\"ok\",what=\"tokens\"} 1.0")
        .contains("scopegate_reloads_total{result=\"failed\",what=\"tokens\"} 1.0");
    // The one that had been removed was not known here any more: an opaque one.
    assertThat(reviews()).isEqualTo(before + 1);
  }

  @Test
  void peopleOfAnIssuerAreLetInByItsKeys() throws IOException {
    harness.kubernetes.grant(Subject.user("sso:jane"), Rule.readTraces(GatewayHarness.TENANT));
    JsonObject claims =
        new JsonObject()
            .put("aud", "tempo")
            .put("sub", "jane")
            .put("exp", System.currentTimeMillis() / 1000 + 600);
    int before = reviews();
    assertPasses(oidc.sign(claims));
    assertThat(status(oidc.sign(claims.copy().put("sub", "joe")))).isEqualTo(403);
    assertThat(status(oidc.sign(claims.copy().put("aud", "other")))).isEqualTo(401);
    assertThat(reviews()).isEqualTo(before);
  }

  @Test
  void forgedTokensReachNobody() throws IOException {
    harness.kubernetes.faults().always(RequestKind.TOKEN_REVIEW, Fault.status(500));
    int before = reviews();
    String head = harness.token.substring(0, harness.token.lastIndexOf('.') + 1);
    assertThat(status(head + "A".repeat(342))).isEqualTo(401);
    assertThat(status(head)).isEqualTo(401);
    assertThat(status(head.substring(0, head.indexOf('.')) + ".b.c")).isEqualTo(401);
    assertThat(reviews()).isEqualTo(before);
    assertThat(harness.metrics())
        .contains("scopegate_token_checks_total{outcome=\"signature\"} 2.0")
        .contains("scopegate_token_checks_total{outcome=\"malformed\"} 1.0");
  }

  @Test
  void anOpaqueTokenWithTwoDotsOrAColonIsAskedAbout() throws IOException {
    for (String token : List.of("ya29.c.b0Aaekm1", "token-x:y")) {
      int before = reviews();
      assertThat(status(token)).isEqualTo(401);
      assertThat(reviews()).as(token).isEqualTo(before + 1);
    }
  }
}
