package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Forward OAuth Identity with a real OpenID provider: the configuration of the Grafana guide, and
 * tokens that users got by logging in.
 */
class OidcProviderIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String AUDIENCE = "grafana";

  private final int issuerPort = FreePorts.next();
  private final int query = FreePorts.next();
  private final int admin = FreePorts.next();
  private final Migration files = new Migration("oidc");
  private Cluster cluster;
  private Http http;
  private OidcProvider provider;
  private Part gateway;
  @AutoClose private Tempo tempo;

  @BeforeEach
  void start() {
    Parts.need("oidc-provider");
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    tempo = Tempo.start();
    provider = OidcProvider.start(cluster.ca(), issuerPort, AUDIENCE, "first");
    gateway = files.gateway(configuration(), admin);
  }

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (provider != null) {
      provider.close();
    }
  }

  /** That of the guide; only addresses and files differ. */
  private Path configuration() {
    Path directory = files.directory();
    TestCa.Issued issued = cluster.ca().server();
    issued.writeCertificate(directory.resolve("tls.crt"));
    issued.writeKey(directory.resolve("tls.key"));
    cluster.ca().writePem(directory.resolve("ca.crt"));
    String text =
        Guide.of("docs/guides/grafana.md")
            .shown("## The user's own rights", "yaml", "# scopegate.yaml\n");
    for (Map.Entry<String, String> one :
        Map.of(
                "tempo:\n  distributor: tempo-distributor.monitoring.svc\n"
                    + "  queryFrontend: tempo-query-frontend.monitoring.svc\n",
                """
                upstreams:
                  query-frontend: {url: "http://127.0.0.1:%d"}
                listeners:
                  query: {address: "127.0.0.1:%d", serves: [tempo-query], upstream: query-frontend}
                admin: {address: "127.0.0.1:%d", warmUp: 0s}
                """
                    .formatted(tempo.ports().query(), query, admin),
                "/etc/scopegate/tls/",
                directory + "/",
                "authentication:\n",
                "authentication:\n  kubernetes: {kubeconfig: \"" + cluster.kubeconfig() + "\"}\n",
                "https://login.example.com/realms/main\n",
                OidcProvider.issuer(issuerPort)
                    + "\n      caFile: "
                    + directory.resolve("ca.crt")
                    + "\n")
            .entrySet()) {
      assertThat(text).contains(one.getKey());
      text = text.replace(one.getKey(), one.getValue());
    }
    return Scratch.write(directory.resolve("scopegate.yaml"), text);
  }

  private Http.Reply search(String token, String tenant) {
    return http.get(
        "https://localhost:" + query + "/api/search",
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        tenant);
  }

  @Test
  void whoLoggedInReadsWhatTheirGroupMay() {
    OidcProvider.Tokens jane = provider.logIn(OidcProvider.JANE);
    Until.holds(
        "the issuer's keys are known",
        PATIENCE,
        () -> search(jane.access(), "payments").status() == 200);
    assertThat(search(jane.id(), "payments").status()).as("the ID token").isEqualTo(200);
    assertThat(search(jane.access(), "showcase").status()).isEqualTo(403);

    Http.Reply omar = search(provider.logIn(OidcProvider.OMAR).access(), "payments");
    assertThat(omar.status()).isEqualTo(403);
    assertThat(omar.text()).contains("sso:omar@example.com may not read tenant payments");

    String access = jane.access();
    String forged =
        access.substring(0, access.lastIndexOf('.'))
            + jane.id().substring(jane.id().lastIndexOf('.'));
    assertThat(search(forged, "payments").status()).isEqualTo(401);
    assertThat(gateway.output()).doesNotContain(access, jane.id());
  }

  @Test
  void anIssuerWithNewKeysIsFollowedAndTheOldOnesEnd() {
    String old = provider.logIn(OidcProvider.JANE).access();
    Until.holds("it is let in", PATIENCE, () -> search(old, "payments").status() == 200);

    provider.close();
    provider = OidcProvider.start(cluster.ca(), issuerPort, AUDIENCE, "second");
    String now = provider.logIn(OidcProvider.JANE).access();
    Until.holds("the new key is known", PATIENCE, () -> search(now, "payments").status() == 200);
    Until.holds("the old key is gone", PATIENCE, () -> search(old, "payments").status() == 401);
  }

  @Test
  void tokensForOthersAreRefusedAndTheLogSaysForWhom() {
    provider.close();
    provider = OidcProvider.start(cluster.ca(), issuerPort, "shop", "first-of-another");
    String token = provider.logIn(OidcProvider.JANE).access();
    Until.holds("it is refused", PATIENCE, () -> search(token, "payments").status() == 401);
    assertThat(search(token, "payments").text()).contains("meant for another audience");
    Until.holds(
        "the log has the audience",
        PATIENCE,
        () -> gateway.output().contains("aud is shop (expected: one of grafana)"));
  }
}
