package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose a token most likely is, told while the API server still looks at it. */
final class ExpectedUserTest {
  private static final String CLUSTER = "https://kubernetes.default.svc";
  private static final Signer KEY = Signer.rsa("cluster");
  private static final String NAME = "system:serviceaccount:payments:ingest";
  private static final List<String> GROUPS =
      List.of("system:serviceaccounts", "system:serviceaccounts:payments", "system:authenticated");
  private static final User INGEST =
      new User(
          NAME,
          "uid-ingest",
          GROUPS,
          Map.of(
              "authentication.kubernetes.io/pod-name",
              List.of("ingest-0"),
              "authentication.kubernetes.io/pod-uid",
              List.of("uid-pod")));

  private final Vertx vertx = Vertx.vertx();
  private final HandClock clock = new HandClock();
  private final ScriptedReviewer reviewer = new ScriptedReviewer();
  private final ScriptedKeys keys = new ScriptedKeys(Signer.keys(CLUSTER, KEY));
  private final List<User> expected = new CopyOnWriteArrayList<>();
  private final TokenAuthenticator authenticator = authenticator();
  private int tokens;

  @AfterEach
  void close() {
    authenticator.close();
    vertx.close();
  }

  private TokenAuthenticator authenticator() {
    KubernetesConfig config = Fixtures.kubernetes(List.of(), Duration.ofSeconds(1));
    ReviewObserver observer = new ReviewObserver() {};
    TokenAuthenticator made =
        new TokenAuthenticator(
            config,
            new TokenReviewAuthenticator(reviewer, config, clock, observer),
            StaticTokens.none(clock),
            clock,
            observer);
    made.checkCluster(vertx, keys);
    return made;
  }

  private JsonObject account() {
    return Signer.account(CLUSTER, clock.millis()).put("jti", "token-" + tokens++);
  }

  private Future<Authentication> begin(String token) {
    return authenticator.authenticate(token, "client", expected::add);
  }

  private Authentication ask(String token) {
    return Await.result(begin(token));
  }

  /** As an API server answers, with an id of the token, which makes no other user. */
  private static JsonObject ingest() {
    JsonObject extra =
        new JsonObject()
            .put("authentication.kubernetes.io/credential-id", new JsonArray().add("JTI=1"))
            .put("authentication.kubernetes.io/pod-name", new JsonArray().add("ingest-0"))
            .put("authentication.kubernetes.io/pod-uid", new JsonArray().add("uid-pod"));
    JsonObject status = Fixtures.accepted(NAME);
    status
        .getJsonObject("user")
        .put("uid", "uid-ingest")
        .put("groups", new JsonArray(GROUPS))
        .put("extra", extra);
    return status;
  }

  @Test
  void isToldOnceTheReviewWasSentAndBeforeItIsAnswered() {
    Promise<ApiAnswer> answer = Promise.promise();
    Promise<User> told = Promise.promise();
    reviewer.answersWith(request -> answer.future());
    Future<Authentication> result =
        authenticator.authenticate(
            KEY.sign(account()),
            "client",
            user -> {
              assertThat(reviewer.asked).hasSize(1);
              told.complete(user);
            });
    assertThat(Await.result(told.future())).isEqualTo(INGEST);
    assertThat(result.isComplete()).isFalse();
    answer.complete(ApiAnswer.of(ingest()));
    assertThat(Await.result(result).user()).isEqualTo(INGEST);
  }

  @Test
  void isToldToOneOfSeveralCallersWithTheSameToken() {
    Promise<ApiAnswer> answer = Promise.promise();
    reviewer.answersWith(request -> answer.future());
    String token = KEY.sign(account());
    List<Future<Authentication>> all = List.of(begin(token), begin(token), begin(token));
    answer.complete(ApiAnswer.of(ingest()));
    all.forEach(Await::result);
    ask(token);
    assertThat(expected).containsExactly(INGEST);
  }

  @Test
  void decidesNothing() {
    reviewer.answers(Fixtures.rejected("[invalid bearer token, Token has been invalidated]"));
    assertThat(ask(KEY.sign(account())).user()).isNull();
    reviewer.answers(Fixtures.accepted("jane"));
    assertThat(ask(KEY.sign(account())).user().name()).isEqualTo("jane");
    assertThat(expected).hasSize(2);
  }

  @Test
  void isNotToldWhileTheApiServerSaysOtherwise() {
    reviewer.answers(Fixtures.accepted("jane"));
    ask(KEY.sign(account()));
    ask(KEY.sign(account()));
    assertThat(expected).hasSize(1);
    reviewer.answers(ingest());
    ask(KEY.sign(account()));
    assertThat(expected).hasSize(1);
    ask(KEY.sign(account()));
    assertThat(expected).hasSize(2);
  }

  @Test
  void aTokenThatDoesNotSayWhoseItIsChangesNothingForOthers() {
    reviewer.answers(ingest());
    ask(KEY.sign(new JsonObject().put("iss", "kubernetes/serviceaccount")));
    assertThat(expected).isEmpty();
    ask(KEY.sign(account()));
    assertThat(expected).containsExactly(INGEST);
  }

  @Test
  void isNotToldOfWhatIsNotSignedOrNotReviewed() {
    reviewer.answers(ingest());
    ask("opaque");
    ask(Signer.rsa("cluster").sign(account()));
    ask(KEY.sign(account().put("iss", "https://elsewhere")));
    ask(KEY.sign(account().put("exp", clock.millis() / 1000 - 61)));
    ask(KEY.sign(account().put("sub", "system:serviceaccount:payments:other")));
    authenticator.gone("uid-pod");
    ask(KEY.sign(account()));
    assertThat(expected).isEmpty();
  }

  @Test
  void isNotToldWhileTheKeysAreNotKnown() {
    keys.fails(true);
    TokenAuthenticator without = authenticator();
    reviewer.answers(ingest());
    assertThat(
            Await.result(without.authenticate(KEY.sign(account()), "client", expected::add)).user())
        .isEqualTo(INGEST);
    without.close();
    assertThat(expected).isEmpty();
  }
}
