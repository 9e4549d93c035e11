package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of tokens whose account, Pod or Secret is gone. */
final class GoneTest {
  private static final String ACCOUNT = "0b9f1b5e-7c5d-4a57-9b5c-1c7d3a3f6a01";
  private static final String POD = "0b9f1b5e-7c5d-4a57-9b5c-1c7d3a3f6a02";
  private static final String SECRET = "0b9f1b5e-7c5d-4a57-9b5c-1c7d3a3f6a03";
  private static final String BOUND =
      Fixtures.jwt(
          new JsonObject()
              .put("exp", 4_000_000_000L)
              .put(
                  "kubernetes.io",
                  new JsonObject().put("secret", new JsonObject().put("uid", SECRET)))
              .encode());

  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final CountingObserver observer = new CountingObserver();
  private final HandClock clock = new HandClock();
  private final TokenReviewAuthenticator authenticator =
      new TokenReviewAuthenticator(
          reviewer, Fixtures.kubernetes(List.of(), Duration.ofSeconds(5)), clock, observer);

  private static JsonObject accepted() {
    JsonObject extra =
        new JsonObject().put("authentication.kubernetes.io/pod-uid", new JsonArray().add(POD));
    return new JsonObject()
        .put("authenticated", true)
        .put(
            "user", new JsonObject().put("username", "sa").put("uid", ACCOUNT).put("extra", extra));
  }

  private Authentication ask(String token) {
    return authenticator.authenticate(token).result();
  }

  @Test
  void theTokenOfWhateverIsGoneIsRefusedThoughTheServerSaysYes() {
    for (String uid : List.of(ACCOUNT, POD, SECRET)) {
      TokenReviewAuthenticator fresh =
          new TokenReviewAuthenticator(
              reviewer, Fixtures.kubernetes(List.of(), Duration.ofSeconds(5)), clock, observer);
      reviewer.answers(accepted());
      Authentication before = fresh.authenticate(BOUND).result();
      assertThat(before.outcome()).isEqualTo(Outcome.AUTHENTICATED);
      fresh.gone("something else");
      assertThat(before.proof().lease().ended()).isFalse();
      fresh.gone(uid);
      assertThat(before.proof().lease().ended()).isTrue();
      assertThat(fresh.authenticate(BOUND).result().outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
  }

  @Test
  void aTokenThatNamesWhatIsGoneIsRefusedWithoutAsking() {
    authenticator.gone(SECRET);
    reviewer.answers(accepted());
    assertThat(ask(BOUND).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(reviewer.asked).isEmpty();
  }

  @Test
  void aYesOnItsWayIsRefusedWhenItComes() {
    Promise<ApiAnswer> yes = reviewer.answersLater();
    Future<Authentication> asked = authenticator.authenticate("opaque");
    authenticator.gone(ACCOUNT);
    yes.complete(ApiAnswer.of(accepted()));
    assertThat(asked.result().outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(authenticator.cached("opaque").outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void whatIsGoneIsRememberedAsLongAsThereIsRoom() {
    BoundTokens bound = new BoundTokens();
    bound.gone("first");
    for (int i = 0; i < 19_999; i++) {
      bound.gone("uid" + i);
    }
    assertThat(bound.anyGone(Set.of("first"))).isTrue();
    bound.gone("one more");
    assertThat(bound.anyGone(Set.of("first"))).isFalse();
    assertThat(bound.anyGone(Set.of("x", "one more"))).isTrue();
  }

  @Test
  void theIndexHoldsNoMoreThanTheCache() {
    BoundTokens bound = new BoundTokens();
    TokenKeys.TokenKey key = new TokenKeys().of("a");
    bound.bind(key, Set.of(POD), kept -> false);
    assertThat(bound.size()).isZero();
    bound.bind(key, Set.of(POD), kept -> true);
    bound.left(key, kept -> true);
    assertThat(bound.gone(POD)).containsExactly(key);
    bound.left(key, kept -> false);
    assertThat(bound.size()).isZero();
  }
}
