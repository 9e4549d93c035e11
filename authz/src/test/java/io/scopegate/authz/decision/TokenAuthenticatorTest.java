package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authentication.Proof.Source;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.KubernetesConfig.ForeignTokens;
import io.scopegate.authz.KubernetesConfig.Mode;
import io.scopegate.authz.OidcConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.scopegate.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenAuthenticatorTest {
  private static final String CLUSTER = "https://kubernetes.default.svc";
  private static final String GOOGLE = "https://accounts.example";
  private static final Signer KEY = Signer.rsa("cluster");
  private static final Signer FORGER = Signer.rsa("cluster");
  private static final Signer STRANGER = Signer.rsa("unknown");
  private static final Signer OIDC_KEY = Signer.rsa("oidc");

  private final Vertx vertx = Vertx.vertx();
  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final Map<TokenCheck, Integer> checks = new EnumMap<>(TokenCheck.class);
  private final ReviewObserver observer =
      new ReviewObserver() {
        @Override
        public void checked(TokenCheck check) {
          checks.merge(check, 1, Integer::sum);
        }
      };
  private final ScriptedKeys clusterKeys = new ScriptedKeys(Signer.keys(CLUSTER, KEY));
  private final ScriptedKeys oidcKeys = new ScriptedKeys(Signer.keys(GOOGLE, OIDC_KEY));
  private TokenAuthenticator authenticator =
      authenticator(Mode.REVIEW, ForeignTokens.ASK, List.of());

  @AfterEach
  void close() {
    authenticator.close();
    vertx.close();
  }

  private TokenAuthenticator authenticator(
      Mode mode, ForeignTokens foreign, List<String> audiences) {
    KubernetesConfig defaults = Fixtures.kubernetes(audiences, Duration.ofSeconds(1));
    KubernetesConfig config =
        new KubernetesConfig(
            mode, null, audiences, true, foreign, false, defaults.tokenCache(), defaults.reviews());
    TokenAuthenticator made =
        new TokenAuthenticator(
            config,
            new TokenReviewAuthenticator(reviewer, config, clock, observer),
            StaticTokens.none(clock),
            clock,
            observer);
    made.checkCluster(vertx, clusterKeys);
    made.take(vertx, oidcKeys, new OidcRules(oidc("email", "sso:", "sso:"), "org"), () -> {});
    reviewer.answers(Fixtures.accepted("jane"));
    return made;
  }

  private static OidcConfig oidc(String claim, String userPrefix, String groupPrefix) {
    return new OidcConfig(
        GOOGLE, List.of("tempo", "grafana"), claim, "groups", userPrefix, groupPrefix, null);
  }

  private Authentication ask(String token) {
    return Await.result(authenticator.authenticate(token));
  }

  private JsonObject account() {
    return Signer.account(CLUSTER, clock.millis());
  }

  private JsonObject person() {
    return new JsonObject()
        .put("iss", GOOGLE)
        .put("aud", "tempo")
        .put("exp", clock.millis() / 1000 + 60)
        .put("email", "jane@example.com");
  }

  private void assertRefused(String token, TokenCheck why) {
    checks.clear();
    Authentication answer = ask(token);
    assertThat(answer.outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(answer.reason()).isEqualTo(why.words());
    assertThat(checks).containsExactly(Map.entry(why, 1));
    assertThat(reviewer.asked).isEmpty();
  }

  // ---- the cluster's tokens

  @Test
  void whatIsWellSignedIsStillReviewedAndThenKnown() {
    String token = KEY.sign(account());
    assertThat(ask(token).user().name()).isEqualTo("jane");
    assertThat(authenticator.cached(token).proof().source()).isEqualTo(Source.TOKEN_REVIEW);
    ask(token);
    assertThat(reviewer.asked).hasSize(1);
    assertThat(checks).containsExactly(Map.entry(TokenCheck.GOOD, 1));
  }

  @Test
  void aTokenThatIsBeingReviewedIsNotVerifiedOnceMore() {
    Promise<ApiAnswer> answer = Promise.promise();
    Promise<Void> sent = Promise.promise();
    reviewer.answersWith(request -> {
      sent.complete();
      return answer.future();
    });
    String token = KEY.sign(account());
    Future<Authentication> first = authenticator.authenticate(token);
    Await.result(sent.future());
    Future<Authentication> second = authenticator.authenticate(token);
    answer.complete(ApiAnswer.of(Fixtures.accepted("jane")));
    assertThat(Await.result(first).user().name()).isEqualTo("jane");
    assertThat(Await.result(second).user().name()).isEqualTo("jane");
    assertThat(reviewer.asked).hasSize(1);
    assertThat(checks).containsExactly(Map.entry(TokenCheck.GOOD, 1));
  }

  @Test
  void whatIsWrongIsRefusedWithoutAsking() {
    long now = clock.millis() / 1000;
    assertRefused(FORGER.sign(account()), TokenCheck.SIGNATURE);
    assertRefused(STRANGER.sign(account().put("iat", 1)), TokenCheck.SIGNATURE);
    assertRefused(KEY.sign(account().put("exp", now - 60)), TokenCheck.EXPIRED);
    assertRefused(KEY.sign(account().put("nbf", now + 61)), TokenCheck.NOT_YET);
    assertRefused(KEY.sign("{\"alg\":\"RS256\",\"alg\":\"none\"}", "{}"), TokenCheck.MALFORMED);
    JsonObject none = KEY.header().put("alg", "none");
    assertRefused(KEY.sign(none, account()), TokenCheck.ALGORITHM);
    assertThat(ask("x".repeat(16 * 1024 + 1)).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(reviewer.asked).isEmpty();
  }

  @Test
  void aTokenWhoseTimeIsNearlyOverIsLeftToTheApiServer() {
    long now = clock.millis() / 1000;
    ask(KEY.sign(account().put("exp", now - 59)));
    ask(KEY.sign(account().put("nbf", now + 60)));
    assertThat(reviewer.asked).hasSize(2);
  }

  @Test
  void whereAudiencesAreConfiguredATokenMustHaveOne() {
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.ASK, List.of("tempo"));
    assertRefused(KEY.sign(account()), TokenCheck.AUDIENCE);
    assertRefused(KEY.sign(account().put("aud", "temp")), TokenCheck.AUDIENCE);
    ask(KEY.sign(account().put("aud", new JsonArray().add("x").add("tempo"))));
    assertThat(reviewer.asked).hasSize(1);
  }

  @Test
  void tokensOfSecretsAreCheckedByTheSameKeys() {
    JsonObject legacy = new JsonObject().put("iss", "kubernetes/serviceaccount");
    assertRefused(FORGER.sign(legacy), TokenCheck.SIGNATURE);
    assertThat(ask(KEY.sign(legacy)).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void aFloodOfForgedTokensCausesNoReviewAndPushesNothingOut() {
    String good = KEY.sign(account());
    ask(good);
    reviewer.forget();
    String forged = FORGER.sign(account());
    String head = forged.substring(0, forged.lastIndexOf('.') + 1);
    byte[] signature = new byte[256];
    for (int i = 1; i <= 3_000; i++) {
      signature[254] = (byte) i;
      signature[255] = (byte) (i >> 8);
      String token = head + Signer.encode(signature);
      assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
    assertThat(reviewer.asked).isEmpty();
    assertThat(authenticator.cached(good)).isNotNull();
  }

  @Test
  void whileTheKeysAreNotKnownEveryTokenIsReviewed() {
    clusterKeys.fails(true);
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.REFUSE, List.of());
    ask(KEY.sign(account()));
    ask("opaque");
    assertThat(reviewer.asked).hasSize(2);
  }

  // ---- rejections of tokens that are well signed

  @Test
  void anUnknownTokenThatIsWellSignedIsAskedAboutOnceInTheTimeOfARejection() {
    String token = KEY.sign(account());
    reviewer.answers(Fixtures.rejected("[invalid bearer token, Token has been invalidated]"));
    for (int i = 0; i < 10_000; i++) {
      assertThat(ask(token).outcome()).isEqualTo(Outcome.UNDECIDED);
    }
    assertThat(reviewer.asked).hasSize(1);

    clock.turn(Duration.ofSeconds(10));
    for (int i = 0; i < 100; i++) {
      assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
    assertThat(reviewer.asked).hasSize(2);

    clock.turn(Duration.ofSeconds(10));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(reviewer.asked).hasSize(3);
  }

  @Test
  void aLookUpThatFailedOnceCostsARetryOnly() {
    String token = KEY.sign(account());
    reviewer.answers(Fixtures.rejected("[invalid bearer token, pods \"a\" not found]"));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNDECIDED);
    clock.turn(Duration.ofSeconds(10));
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[invalid bearer token, service account token has expired]",
        "[invalid bearer token, service account token is not valid yet]",
        "[invalid bearer token, token audiences [\"a\"] is invalid for the target audiences"
            + " [\"b\"]]"
      })
  void whatOnlyTheTokenItselfCanTellIsBelievedAtOnce(String error) {
    reviewer.answers(Fixtures.rejected(error));
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "invalid bearer token",
        "[invalid bearer token, serviceaccounts \"ingest\" not found]",
        "[invalid bearer token, service account UID (1) does not match claim (2)]",
        "[invalid bearer token, square/go-jose: error in cryptographic primitive]",
        "[service account token has expired, etcdserver: request timed out]"
      })
  void whatALookUpHasAPartInIsDoubtedOnce(String error) {
    reviewer.answers(Fixtures.rejected(error));
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.UNDECIDED);
  }

  // ---- tokens of others

  @Test
  void foreignTokensHaveASmallBudgetOfTheirOwn() {
    for (int i = 0; i < 1000; i++) {
      ask("opaque-" + i);
    }
    assertThat(reviewer.asked).hasSize(20);
    assertThat(ask("opaque-x").outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    clock.turn(Duration.ofSeconds(1));
    assertThat(ask("opaque-x").outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void aForeignTokenThatWasAcceptedIsRenewedOutsideOfThatBudget() {
    ask("friend");
    clock.turn(Duration.ofMinutes(2));
    for (int i = 0; i < 30; i++) {
      ask("opaque-" + i);
    }
    reviewer.forget();
    assertThat(ask("friend").outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(reviewer.lanes).containsExactly(ReviewPriority.KNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.b.c",
        "ya29.c.b0Aaekm1",
        "kubeconfig-u-x.y.z",
        "token-abc:secret",
        "bm9KU09O.e30.AAAA",
        "..",
        ".e30."
      })
  void whatIsNoJwtIsOpaqueHoweverManyDotsItHas(String token) {
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(reviewer.asked).hasSize(1);
    assertThat(checks).containsExactly(Map.entry(TokenCheck.FOREIGN, 1));
  }

  @Test
  void aTokenOfAWebhookMayBeSignedInItsOwnWay() {
    JsonObject header = KEY.header().put("alg", "HS256");
    ask(KEY.sign(header, new JsonObject().put("iss", "https://webhook")));
    ask(KEY.sign(header, new JsonObject().put("user", "jane")));
    assertThat(reviewer.asked).hasSize(2);
    assertThat(checks).containsExactly(Map.entry(TokenCheck.FOREIGN, 2));
    reviewer.forget();
    assertRefused(KEY.sign(header, account()), TokenCheck.ALGORITHM);
    assertRefused(KEY.sign(header, person()), TokenCheck.ALGORITHM);
  }

  @Test
  void foreignTokensCanBeRefused() {
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.REFUSE, List.of());
    assertRefused("opaque", TokenCheck.FOREIGN_REFUSED);
    assertRefused("five.parts.are.no.jws", TokenCheck.FOREIGN_REFUSED);
    assertRefused(KEY.sign(account().put("iss", "https://other")), TokenCheck.FOREIGN_REFUSED);
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  // ---- local-only

  private void localOnly(String... audiences) {
    authenticator.close();
    authenticator = authenticator(Mode.LOCAL_ONLY, ForeignTokens.ASK, List.of(audiences));
  }

  @Test
  void localOnlyReadsWhatAReviewWouldSay() {
    localOnly();
    Authentication answer = ask(KEY.sign(account()));
    assertThat(answer.user())
        .isEqualTo(
            new User(
                "system:serviceaccount:payments:ingest",
                "uid-ingest",
                List.of(
                    "system:serviceaccounts",
                    "system:serviceaccounts:payments",
                    "system:authenticated"),
                Map.of(
                    "authentication.kubernetes.io/pod-name", List.of("ingest-0"),
                    "authentication.kubernetes.io/pod-uid", List.of("uid-pod"))));
    assertThat(answer.proof().source()).isEqualTo(Source.CLUSTER_KEYS);
    assertThat(answer.proof().notAfterMillis()).isEqualTo(account().getLong("exp") * 1000);
    assertThat(reviewer.asked).isEmpty();
  }

  @Test
  void localOnlyRefusesWhatNobodyCouldReview() {
    localOnly();
    assertRefused("opaque", TokenCheck.FOREIGN_REFUSED);
    assertRefused(KEY.sign(account().put("aud", "vault")), TokenCheck.AUDIENCE);
    JsonObject endless = account();
    endless.remove("exp");
    assertRefused(KEY.sign(endless), TokenCheck.CLAIMS);
    assertRefused(KEY.sign(account().put("sub", "system:admin")), TokenCheck.CLAIMS);
    assertRefused(KEY.sign(account().put("kubernetes.io", "x")), TokenCheck.CLAIMS);
    assertRefused(FORGER.sign(account()), TokenCheck.SIGNATURE);
    localOnly("tempo");
    assertRefused(KEY.sign(account()), TokenCheck.AUDIENCE);
    assertThat(ask(KEY.sign(account().put("aud", "tempo"))).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void localOnlyDecidesNothingWithoutKeys() {
    clusterKeys.fails(true);
    localOnly();
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.UNDECIDED);
    clock.turn(Duration.ofSeconds(10));
    clusterKeys.has(Signer.keys(CLUSTER, KEY));
    assertThat(ask(KEY.sign(account())).outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void localOnlyTokensEndWithTheirAccountOrPod() {
    localOnly();
    String token = KEY.sign(account());
    Authentication answer = ask(token);
    authenticator.gone("other");
    assertThat(answer.proof().lease().ended()).isFalse();
    authenticator.gone("uid-pod");
    assertThat(answer.proof().lease().ended()).isTrue();
    assertThat(authenticator.cached(token)).isNull();
    assertRefused(token, TokenCheck.CLAIMS);
  }

  @Test
  void localOnlyTokensEndWithTheirSecret() {
    localOnly();
    JsonObject claims = account();
    claims.getJsonObject("kubernetes.io").put("secret", new JsonObject().put("uid", "uid-secret"));
    String token = KEY.sign(claims);
    Authentication answer = ask(token);
    authenticator.gone("uid-secret");
    assertThat(answer.proof().lease().ended()).isTrue();
    assertThat(authenticator.cached(token)).isNull();
  }

  // ---- many forged tokens

  /** Closed, it verifies no more of them, as when others' fill its queue. */
  private void verifiesNoMore() {
    authenticator.close();
    clock.turn(Duration.ofMinutes(6));
  }

  @Test
  void whoWasLetInByAnIssuersKeysIsNotVerifiedAgain() {
    Signer curve = Signer.ec("curve");
    oidcKeys.has(Signer.keys(GOOGLE, curve));
    authenticator.close();
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.ASK, List.of());
    String token = curve.sign(person().put("exp", clock.millis() / 1000 + 3600));
    String other = curve.sign(person().put("exp", clock.millis() / 1000 + 3601));
    assertThat(Await.result(authenticator.authenticate(token)).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
    verifiesNoMore();
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(ask(other).outcome()).isEqualTo(Outcome.UNDECIDED);
    clock.turn(Duration.ofHours(1).plusMinutes(1));
    assertThat(ask(token).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void whoWasAcceptedByTheApiServerIsAskedAboutWithoutVerifyingAgain() {
    Signer curve = Signer.ec("curve");
    clusterKeys.has(Signer.keys(CLUSTER, curve));
    authenticator.close();
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.ASK, List.of());
    String token = curve.sign(account().put("exp", clock.millis() / 1000 + 3600));
    assertThat(Await.result(authenticator.authenticate(token)).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
    verifiesNoMore();
    assertThat(ask(token).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(reviewer.asked).hasSize(2);
    assertThat(reviewer.lanes.get(1)).isEqualTo(ReviewPriority.KNOWN);
  }

  // ---- OpenID Connect

  @Test
  void readsAPersonFromTheClaims() {
    JsonObject claims =
        person()
            .put("org", "acme")
            .put("groups", new JsonArray().add("a").add("").add("a").add("b"));
    String token = OIDC_KEY.sign(claims);
    Authentication answer = ask(token);
    assertThat(answer.user())
        .isEqualTo(
            new User(
                "sso:jane@example.com",
                "",
                List.of("sso:a", "sso:b", "system:authenticated"),
                Map.of()));
    assertThat(answer.proof().source()).isEqualTo(Source.OIDC);
    assertThat(answer.proof().tenant()).isEqualTo("acme");
    assertThat(answer.validUntilMillis()).isEqualTo(claims.getLong("exp") * 1000);
    assertThat(authenticator.cached(token)).isEqualTo(answer);

    clock.turn(Duration.ofMinutes(1));
    assertThat(authenticator.cached(token)).isNull();
    // Our clock may be ahead of the issuer's.
    assertThat(ask(token).validUntilMillis()).isEqualTo(claims.getLong("exp") * 1000 + 60_000);
    clock.turn(Duration.ofMinutes(1));
    assertThat(authenticator.cached(token)).isNull();
    assertRefused(token, TokenCheck.EXPIRED);
  }

  @Test
  void refusesAPersonWhoseClaimsAreNotAccepted() {
    assertRefused(OIDC_KEY.sign(person().put("aud", "other")), TokenCheck.AUDIENCE);
    assertRefused(OIDC_KEY.sign(person().put("email", "")), TokenCheck.CLAIMS);
    assertRefused(OIDC_KEY.sign(person().put("email", 7)), TokenCheck.CLAIMS);
    assertRefused(OIDC_KEY.sign(person().put("email_verified", false)), TokenCheck.CLAIMS);
    assertRefused(OIDC_KEY.sign(person().put("email_verified", "false")), TokenCheck.CLAIMS);
    assertRefused(OIDC_KEY.sign(person().put("groups", 7)), TokenCheck.CLAIMS);
    assertRefused(OIDC_KEY.sign(person().put("groups", new JsonArray().add(7))), TokenCheck.CLAIMS);
    JsonObject endless = person();
    endless.remove("exp");
    assertRefused(OIDC_KEY.sign(endless), TokenCheck.CLAIMS);
    assertRefused(KEY.sign(person()), TokenCheck.SIGNATURE);
    long before = clock.millis() / 1000 - 120; // a key that came within a minute may not be known
    assertRefused(OIDC_KEY.sign(account().put("iat", before)), TokenCheck.SIGNATURE);
  }

  @Test
  void someIssuersWriteThatAnAddressIsVerifiedAsAText() {
    assertThat(ask(OIDC_KEY.sign(person().put("email_verified", "true"))).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void nobodyGetsANameOfKubernetesFromAnIssuer() throws TokenFlaw {
    OidcRules rules = new OidcRules(oidc("name", "", ""), null);
    Jws admin = Jws.parse(OIDC_KEY.sign(person().put("name", "system:admin")));
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> rules.user(admin)))
        .isInstanceOf(TokenFlaw.class);
    JsonObject member =
        person().put("name", "jane").put("groups", new JsonArray().add("system:masters"));
    assertThat(rules.user(Jws.parse(OIDC_KEY.sign(member))).groups())
        .containsExactly("system:authenticated");
    OidcRules prefixed = new OidcRules(oidc("name", "system", ""), null);
    Jws colon = Jws.parse(OIDC_KEY.sign(person().put("name", ":admin")));
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> prefixed.user(colon)))
        .isInstanceOf(TokenFlaw.class);
  }

  @Test
  void oneIssuersTokensForOtherAudiencesAreOthers() {
    OidcConfig other =
        new OidcConfig(
            GOOGLE, List.of("partner", "grafana"), "sub", "groups", "partner:", "partner:", null);
    authenticator.take(vertx, oidcKeys, new OidcRules(other, null), () -> {});
    JsonObject person = person().put("sub", "jane");

    assertThat(ask(OIDC_KEY.sign(person)).user().name()).isEqualTo("sso:jane@example.com");
    String token = OIDC_KEY.sign(person.put("aud", "partner"));
    assertThat(ask(token).user().name()).isEqualTo("partner:jane");
    assertThat(authenticator.cached(token).user().name()).isEqualTo("partner:jane");
    JsonArray both = new JsonArray().add("partner").add("tempo");
    assertThat(ask(OIDC_KEY.sign(person.put("aud", both))).user().name())
        .isEqualTo("sso:jane@example.com");
    assertRefused(OIDC_KEY.sign(person.put("aud", "nobody")), TokenCheck.AUDIENCE);
  }

  @Test
  void answersOfAnIssuerEndWhenItsKeysChange() {
    String token = OIDC_KEY.sign(person().put("iat", clock.millis() / 1000 - 60));
    Authentication answer = ask(token);
    Signer next = STRANGER;
    oidcKeys.has(Signer.keys(GOOGLE, next));
    clock.turn(Duration.ofSeconds(11));
    String young = next.sign(person().put("iat", clock.millis() / 1000));
    assertThat(ask(young).outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(answer.proof().lease().ended()).isTrue();
    assertRefused(token, TokenCheck.SIGNATURE);
  }

  @Test
  void anIssuerWhoseKeysWereNeverReadDecidesNothing() {
    oidcKeys.fails(false);
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.REFUSE, List.of());
    assertThat(ask(OIDC_KEY.sign(person())).outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(reviewer.asked).isEmpty();
  }

  // ---- what the operator is told

  private void assertCause(String token, String cause) {
    Authentication answer = ask(token);
    assertThat(answer.outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(answer.cause()).contains(cause);
    assertThat(answer.reason()).as("the client").doesNotContain("grafana", GOOGLE, "email");
  }

  @Test
  void theOperatorIsToldWhichClaimAudienceOrIssuerItWasAndTheClientIsNot() {
    long now = clock.millis() / 1000;
    authenticator = authenticator(Mode.REVIEW, ForeignTokens.REFUSE, List.of());
    assertCause(
        OIDC_KEY.sign(person().put("email_verified", false)),
        "claim email_verified is false (expected: true), iss is " + GOOGLE);
    JsonObject nobody = person();
    nobody.remove("email");
    assertCause(OIDC_KEY.sign(nobody), "no claim email (authentication.oidc[].usernameClaim)");
    assertCause(OIDC_KEY.sign(person().put("email", 7)), "claim email is no text");
    assertCause(
        OIDC_KEY.sign(person().put("aud", "other\n")),
        "aud is other? (expected: one of tempo, grafana)");
    assertCause(OIDC_KEY.sign(person().put("exp", now - 61)), "exp is 20");
    assertCause(OIDC_KEY.sign(person().put("nbf", now + 61)), "nbf is 20");
    assertCause(
        OIDC_KEY.sign(person().put("groups", List.of(7))), "claim groups has what is no text");
    assertCause(FORGER.sign(account()), "has not signed it");
    assertCause(FORGER.sign(person().put("iat", 1)), "kid cluster is none of the keys of");
    assertCause(
        OIDC_KEY.sign(person().put("iss", GOOGLE + "/")),
        "iss is " + GOOGLE + "/ (expected: one of");
    assertCause(KEY.sign(account().put("exp", now - 61)), "exp is 20");
  }

  @Test
  void aVerifiedAddressMayBeWrittenAsAText() {
    assertThat(ask(OIDC_KEY.sign(person().put("email_verified", "true"))).outcome())
        .isEqualTo(Outcome.AUTHENTICATED);
    assertCause(OIDC_KEY.sign(person().put("email_verified", "false")), "email_verified is false");
  }
}
