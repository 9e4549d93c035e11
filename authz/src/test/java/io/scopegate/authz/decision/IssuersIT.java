package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.kubernetes.ClusterAccess;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.OidcStandIn;
import io.scopegate.testkit.OidcStandIn.Document;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a cluster and of an OpenID Connect issuer, read over TLS from stand-ins. */
final class IssuersIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private final HandClock clock = new HandClock();
  private final Map<String, String> environment = new HashMap<>();
  private Vertx vertx;
  private KubernetesStandIn cluster;
  private OidcStandIn oidc;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = KubernetesStandIn.start();
    oidc = OidcStandIn.start();
    clock.turn(Duration.between(clock.instant(), Instant.now()));
  }

  @AfterEach
  void stop() {
    cluster.close();
    oidc.close();
    Await.result(vertx.close());
  }

  // ---- the cluster

  private KubernetesApi connect() {
    ServiceAccount account = cluster.serviceAccount("scopegate", "gateway");
    cluster.bind(account.subject(), "system:auth-delegator");
    Path kubeconfig =
        cluster.kubeconfig().withToken(directory.resolve("config"), cluster.token(account));
    return Await.result(
        KubernetesApi.connect(
            vertx,
            ClusterAccess.of(kubeconfig, Map.of()),
            Fixtures.reviews(TIMEOUT),
            InstantSource.system(),
            ReviewObserver.NONE));
  }

  private TokenAuthenticator authenticator(KubernetesApi api) {
    KubernetesConfig config = Fixtures.kubernetes(List.of(), TIMEOUT);
    TokenAuthenticator authenticator =
        new TokenAuthenticator(
            config,
            new TokenReviewAuthenticator(api, config, InstantSource.system(), ReviewObserver.NONE),
            StaticTokens.none(clock),
            InstantSource.system(),
            ReviewObserver.NONE);
    Await.result(authenticator.checkCluster(vertx, new ClusterKeys(api::get)));
    return authenticator;
  }

  @Test
  void tenThousandForgedTokensCauseNoReview() {
    KubernetesApi api = connect();
    TokenAuthenticator authenticator = authenticator(api);
    String good = cluster.token(cluster.serviceAccount("payments", "ingest"));
    assertThat(Await.result(authenticator.authenticate(good)).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(1);

    String head = good.substring(0, good.lastIndexOf('.') + 1);
    byte[] signature = new byte[256];
    List<Future<Authentication>> answers = new ArrayList<>();
    for (int i = 1; i <= 10_000; i++) {
      signature[254] = (byte) i;
      signature[255] = (byte) (i >> 8);
      answers.add(authenticator.authenticate(head + Signer.encode(signature)));
      if (i % 100 == 0) { // more at a time are told to come back
        Await.result(Future.all(answers));
      }
    }
    assertThat(answers).allMatch(answer -> answer.result().outcome() == Outcome.UNAUTHENTICATED);
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(1);
    assertThat(authenticator.cached(good)).isNotNull();
    authenticator.close();
    Await.result(api.close());
  }

  @Test
  void withoutTheRightToReadTheKeysEverythingIsReviewed() {
    cluster.faults().always(RequestKind.OPENID, Fault.status(403));
    KubernetesApi api = connect();
    TokenAuthenticator authenticator = authenticator(api);
    String good = cluster.token(cluster.serviceAccount("payments", "ingest"));
    assertThat(Await.result(authenticator.authenticate(good)).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
    String forged = good.substring(0, good.length() - 4) + "AAAA";
    Await.result(authenticator.authenticate(forged));
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(2);
    authenticator.close();
    Await.result(api.close());
  }

  // ---- OpenID Connect

  private LocalIssuer issuer(Path caFile) {
    return issuer(caFile, (int) TIMEOUT.toMillis());
  }

  private LocalIssuer issuer(Path caFile, int timeoutMillis) {
    OidcConfig config =
        new OidcConfig(oidc.issuer(), List.of("tempo"), "sub", "groups", "", "", caFile);
    return new LocalIssuer(
        vertx,
        new OidcKeys(vertx, config, timeoutMillis, environment),
        new OidcRules(config, null),
        1000,
        clock,
        ReviewObserver.NONE);
  }

  private LocalIssuer issuer() {
    return issuer(oidc.ca().writePem(directory.resolve("ca.crt")));
  }

  private String token(String subject) {
    long now = clock.millis() / 1000;
    return oidc.sign(
        new JsonObject()
            .put("sub", subject)
            .put("aud", new JsonArray().add("tempo"))
            .put("iat", now)
            .put("exp", now + 3600));
  }

  private Authentication ask(LocalIssuer issuer, String token) {
    try {
      return Await.result(issuer.authenticate(new TokenKeys().of(token), Jws.parse(token), "c"));
    } catch (TokenFlaw e) {
      throw new AssertionError(e);
    }
  }

  private static boolean starts(LocalIssuer issuer) {
    return Await.result(issuer.keys().start());
  }

  @Test
  void readsTheKeysOfAnIssuerAndFollowsTheirRotation() {
    LocalIssuer issuer = issuer();
    assertThat(starts(issuer)).isTrue();
    assertThat(ask(issuer, token("jane")).user().name()).isEqualTo("jane");
    for (int i = 0; i < 5; i++) {
      clock.turn(Duration.ofMinutes(1));
      if (i % 2 == 0) {
        oidc.rotate();
      } else {
        oidc.addKey();
      }
      assertThat(ask(issuer, token("jane")).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    }
    assertThat(oidc.keyReads()).isEqualTo(6);
  }

  @Test
  void anIssuerThatFailsIsAskedAgainAndDecidesNothingUntilThen() {
    oidc.faults()
        .times(Document.DISCOVERY, 1, Fault.status(500))
        .times(Document.KEYS, 1, Fault.garbage());
    LocalIssuer issuer = issuer();
    assertThat(starts(issuer)).isFalse();
    clock.turn(Duration.ofSeconds(10));
    assertThat(ask(issuer, token("jane")).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(ask(issuer, token("jane")).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(oidc.keyReads()).isEqualTo(1);
    clock.turn(Duration.ofSeconds(10));
    assertThat(ask(issuer, token("jane")).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void anIssuerThatHangsHoldsNobodyUpForLong() {
    oidc.faults().always(Document.KEYS, Fault.hang());
    LocalIssuer issuer = issuer(oidc.ca().writePem(directory.resolve("ca.crt")), 200);
    assertThat(starts(issuer)).isFalse();
  }

  @Test
  void keysThatServedBeforeServeOnWhileTheIssuerIsAway() {
    LocalIssuer issuer = issuer();
    assertThat(starts(issuer)).isTrue();
    oidc.faults().everywhere(Fault.reset());
    clock.turn(Duration.ofMinutes(6));
    assertThat(Await.result(issuer.keys().refresh())).isFalse();
    assertThat(ask(issuer, token("jane")).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void documentsThatCannotBeTrustedAreNotUsed() {
    JsonObject good =
        new JsonObject().put("issuer", oidc.issuer()).put("jwks_uri", oidc.issuer() + "/keys");
    List<JsonObject> bad =
        List.of(
            new JsonObject(),
            good.copy().put("issuer", oidc.issuer() + "/"),
            good.copy().put("jwks_uri", "http://127.0.0.1:1/keys"),
            good.copy().put("jwks_uri", "http://example.com/keys"),
            good.copy().put("jwks_uri", "file:///etc/passwd"),
            good.copy().put("jwks_uri", 7),
            good.copy().put("padding", "x".repeat(300 * 1024)));
    LocalIssuer issuer = issuer();
    for (JsonObject document : bad) {
      oidc.showDiscovery(document);
      assertThat(Await.result(issuer.keys().refresh())).as(document.toString()).isFalse();
    }
    assertThat(oidc.keyReads()).isZero();
    oidc.showDiscovery(good);
    oidc.showKeys(new JsonObject().put("keys", new JsonArray()));
    assertThat(Await.result(issuer.keys().refresh())).isFalse();
  }

  @Test
  void aQueryInTheUrlOfTheKeysIsKept() {
    oidc.showDiscovery(
        new JsonObject()
            .put("issuer", oidc.issuer())
            .put("jwks_uri", oidc.issuer() + "/keys?p=b2c_1_sign_in"));
    assertThat(starts(issuer())).isTrue();
  }

  @Test
  void aStrangersCertificateIsNotTrusted() {
    LocalIssuer issuer = issuer(TestCa.create().writePem(directory.resolve("other.crt")));
    assertThat(starts(issuer)).isFalse();
    assertThat(starts(issuer(null))).isFalse();
    assertThat(oidc.keyReads()).isZero();
  }

  // ---- an issuer whose documents are elsewhere, and what is said about one that fails

  private LocalIssuer elsewhere(@Nullable String discoveryUrl, @Nullable String jwksUrl) {
    OidcConfig config =
        new OidcConfig(
            "https://login.example/realm",
            List.of("tempo"),
            "sub",
            "groups",
            "",
            "",
            oidc.ca().writePem(directory.resolve("ca.crt")),
            discoveryUrl,
            jwksUrl);
    return new LocalIssuer(
        vertx,
        new OidcKeys(vertx, config, (int) TIMEOUT.toMillis(), environment),
        new OidcRules(config, null),
        1000,
        clock,
        ReviewObserver.NONE);
  }

  private String tokenOf(String issuer) {
    long now = clock.millis() / 1000;
    return oidc.sign(
        new JsonObject()
            .put("iss", issuer)
            .put("sub", "jane")
            .put("aud", "tempo")
            .put("iat", now)
            .put("exp", now + 3600));
  }

  @Test
  void aDocumentElsewhereMustStillNameTheIssuer() {
    String url = oidc.issuer() + "/.well-known/openid-configuration";
    LocalIssuer issuer = elsewhere(url, null);
    assertThat(starts(issuer)).as("it names itself").isFalse();
    assertThat(ask(issuer, tokenOf("https://login.example/realm")).cause())
        .contains("the keys of https://login.example/realm are not known: ")
        .contains(url + " names another issuer: " + oidc.issuer())
        .contains("(expected: https://login.example/realm")
        .doesNotContain("Exception");

    oidc.showDiscovery(
        new JsonObject()
            .put("issuer", "https://login.example/realm")
            .put("jwks_uri", oidc.issuer() + "/keys"));
    clock.turn(Duration.ofSeconds(10));
    Authentication answer = ask(issuer, tokenOf("https://login.example/realm"));
    assertThat(answer.outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(ask(issuer, tokenOf(oidc.issuer())).outcome())
        .as("the issuer of the token is what is configured, not where the keys are")
        .isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void keysElsewhereNeedNoDocument() {
    oidc.faults().always(Document.DISCOVERY, Fault.status(404));
    LocalIssuer issuer = elsewhere(null, oidc.issuer() + "/keys");
    assertThat(starts(issuer)).isTrue();
    assertThat(ask(issuer, tokenOf("https://login.example/realm")).user().name()).isEqualTo("jane");
  }

  @Test
  void whatIsWrongWithAnIssuerIsSaidInPlainWords() {
    LocalIssuer issuer = issuer();
    oidc.faults().always(Document.DISCOVERY, Fault.status(404));
    starts(issuer);
    assertThat(ask(issuer, token("jane")).cause())
        .endsWith(
            "its keys could not be read: "
                + oidc.issuer()
                + "/.well-known/openid-configuration: HTTP 404 (expected: 200)");
    LocalIssuer untrusted = issuer(TestCa.create().writePem(directory.resolve("other.crt")));
    starts(untrusted);
    assertThat(ask(untrusted, token("jane")).cause())
        .contains("not signed by an authority that is trusted here", "caFile")
        .doesNotContain("Exception");
  }

  @Test
  void aKeyThatIsNotAmongThoseOfTheIssuerIsNamedAndTheWordsDoNotSayThatNoneIsKnown() {
    LocalIssuer issuer = issuer();
    assertThat(starts(issuer)).isTrue();
    oidc.faults().always(Document.KEYS, Fault.status(500));
    oidc.rotate();
    Authentication answer = ask(issuer, token("jane"));
    assertThat(answer.outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(answer.reason()).isEqualTo("the key that the token names is not known yet");
    assertThat(answer.cause())
        .startsWith("kid ")
        .contains("is none of the keys of " + oidc.issuer() + " (1 known, read at ");
  }
}
