package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.testkit.Await;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterKeysTest {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final String JWKS = "/openid/v1/jwks";
  private static final Signer KEY = Signer.ec("first");

  private final Map<String, Future<HttpAnswer>> answers = new HashMap<>();
  private final ClusterKeys keys = new ClusterKeys(path -> answers.get(path));

  private static Future<HttpAnswer> answer(int status, String body) {
    return Future.succeededFuture(new HttpAnswer(status, "", Buffer.buffer(body)));
  }

  private void has(String document) {
    answers.put(DISCOVERY, answer(200, document));
    answers.put(JWKS, answer(200, Signer.set(KEY).encode()));
  }

  private static Jws token(Signer signer) {
    try {
      return Jws.parse(signer.sign(new JsonObject().put("iss", "i")));
    } catch (TokenFlaw e) {
      throw new AssertionError(e);
    }
  }

  private KeysMissing missing() {
    Throwable cause =
        Await.result(keys.fetch().transform(read -> Future.succeededFuture(read.cause())));
    assertThat(cause).isInstanceOf(KeysMissing.class);
    return (KeysMissing) cause;
  }

  @Test
  void readsTheIssuerAndItsKeysAndFollowsNoUrl() {
    has("{\"issuer\":\"https://kubernetes\",\"jwks_uri\":\"https://elsewhere/keys\"}");

    IssuerKeys read = Await.result(keys.fetch());

    assertThat(keys.name()).isEqualTo("cluster");
    assertThat(read.issuer()).isEqualTo("https://kubernetes");
    assertThat(read.signed(token(KEY))).isTrue();
    assertThat(read.signed(token(Signer.ec("first")))).isFalse();
  }

  @ParameterizedTest
  @MethodSource
  void documentsWithoutAnIssuerOrOtherThanJsonAreNoKeys(String document, String words) {
    has(document);

    assertThat(missing()).hasMessageContaining(words);
  }

  static Stream<Arguments> documentsWithoutAnIssuerOrOtherThanJsonAreNoKeys() {
    return Stream.of(
        arguments("{}", "no issuer"),
        arguments("{\"issuer\":\"\"}", "no issuer"),
        arguments("{\"issuer\":7}", "no issuer"),
        arguments("<html>", "could not be understood"));
  }

  @Test
  void keysThatAreNoneAreNotUnderstood() {
    has("{\"issuer\":\"i\"}");
    answers.put(JWKS, answer(200, "{\"keys\":7}"));

    assertThat(missing()).hasMessageContaining("could not be understood");
  }

  @Test
  void whoMayNotReadThemIsToldTheRole() {
    for (int status : new int[] {403, 404}) {
      answers.put(DISCOVERY, answer(status, ""));
      assertThat(missing())
          .hasMessageContaining(DISCOVERY + ": " + status)
          .hasMessageContaining("system:service-account-issuer-discovery");
      assertThat(missing().refused()).isTrue();
    }
  }

  @Test
  void anotherStatusIsNoRefusal() {
    has("{\"issuer\":\"i\"}");
    answers.put(JWKS, answer(500, ""));

    assertThat(missing()).hasMessage(JWKS + ": 500 (expected: 200)");
    assertThat(missing().refused()).isFalse();
  }

  @Test
  void withoutAnAnswerTheCauseIsNamed() {
    answers.put(DISCOVERY, Future.failedFuture(new IOException("connection reset")));
    assertThat(missing()).hasMessage(DISCOVERY + ": connection reset");
    assertThat(missing().refused()).isFalse();
    assertThat(missing().logged()).isFalse();
  }
}
