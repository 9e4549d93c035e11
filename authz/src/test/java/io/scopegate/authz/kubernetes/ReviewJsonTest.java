package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.Fixtures;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The two reviews on the wire, against files that say what they look like. */
final class ReviewJsonTest {
  @Test
  void writesTokenReview() throws IOException {
    assertThat(sent(TokenReviews.request("abc.def", null))).isEqualTo(golden("token-review.json"));
    assertThat(sent(TokenReviews.request("a\"\\\u2028b", List.of("tempo", "scopegate"))))
        .isEqualTo(golden("token-review-audiences.json"));
  }

  @Test
  void writesSubjectAccessReview() throws IOException {
    User user =
        new User(
            "system:serviceaccount:payments:ingest",
            "4711",
            List.of("system:serviceaccounts", "system:authenticated"),
            Map.of("authentication.kubernetes.io/pod-name", List.of("collector-0")));
    assertThat(sent(SubjectAccessReviews.request(user, Fixtures.WRITE_PAYMENTS)))
        .isEqualTo(golden("subject-access-review.json"));
  }

  @Test
  void writesEveryResourceAttributeAndEscapes() throws IOException {
    User user = new User("o\"brien\n", "", List.of(), Map.of());
    ResourceAttributes all = new ResourceAttributes("get", "g", "v1", "r", "s", "n", "ns");
    assertThat(sent(SubjectAccessReviews.request(user, all)))
        .isEqualTo(golden("subject-access-review-all.json"));
  }

  @Test
  void readsAcceptedToken() throws IOException {
    User user = TokenReviews.read(golden("token-review-accepted.json"), List.of()).user();
    assertThat(user)
        .isEqualTo(
            new User(
                "system:serviceaccount:payments:ingest",
                "4711",
                List.of("system:serviceaccounts", "system:authenticated"),
                Map.of("authentication.kubernetes.io/pod-name", List.of("collector-0"))));
  }

  @Test
  void readsRejections() {
    assertThat(rejection("{}")).isEqualTo("Kubernetes rejected the token");
    assertThat(rejection("{\"authenticated\":false}")).isEqualTo("Kubernetes rejected the token");
    assertThat(rejection("{\"error\":\"[invalid bearer token, token has expired]\"}"))
        .contains("expired");
    assertThat(rejection("{\"error\":\"token audiences [x] is invalid for [tempo]\"}"))
        .contains("audience");
    assertThat(rejection("{\"error\":\"could not parse abc.def.secret\"}"))
        .doesNotContain("secret");
  }

  private static String rejection(String status) {
    TokenReviews.Finding finding = TokenReviews.read(new JsonObject(status), List.of());
    assertThat(finding.user()).isNull();
    return finding.reason();
  }

  @Test
  void anAudienceThatWasAskedForMustComeBack() {
    List<String> asked = List.of("tempo");
    JsonObject status = Fixtures.accepted("jane");
    assertThat(TokenReviews.read(status, asked).user()).isNull();
    status = new JsonObject(status.encode()).put("audiences", List.of("https://kubernetes"));
    assertThat(TokenReviews.read(status, asked).user()).isNull();
    status = new JsonObject(status.encode()).put("audiences", List.of("x", "tempo"));
    assertThat(TokenReviews.read(status, asked).user()).isNotNull();
  }

  @Test
  void anAcceptedTokenWithoutAUserIsNoAnswer() {
    for (String status :
        List.of(
            "{\"authenticated\":true}",
            "{\"authenticated\":true,\"user\":{\"username\":\"\"}}",
            "{\"authenticated\":\"true\"}",
            "{\"authenticated\":true,\"user\":[]}")) {
      assertThatThrownBy(() -> TokenReviews.read(new JsonObject(status), List.of()))
          .isInstanceOfAny(ClassCastException.class, IllegalArgumentException.class);
    }
  }

  @Test
  void readsAccess() {
    assertThat(SubjectAccessReviews.read(new JsonObject("{\"allowed\":true}")).allowed()).isTrue();
    assertThat(SubjectAccessReviews.read(new JsonObject("{\"allowed\":false}")).allowed())
        .isFalse();
    assertThat(
            SubjectAccessReviews.read(new JsonObject("{\"allowed\":true,\"denied\":true}"))
                .allowed())
        .isFalse();
    assertThat(read("{\"allowed\":false,\"reason\":\"no such role\"}"))
        .isEqualTo(new SubjectAccessReviews.Finding(false, false, "no such role"));
    assertThat(read("{\"allowed\":true,\"evaluationError\":\"one of two webhooks\"}"))
        .isEqualTo(new SubjectAccessReviews.Finding(true, false, ""));
    assertThatThrownBy(() -> SubjectAccessReviews.read(new JsonObject()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNoOfAnAuthoriserThatFailedIsNone() {
    assertThat(read("{\"allowed\":false,\"evaluationError\":\"webhook: timeout\"}").undecided())
        .isTrue();
    SubjectAccessReviews.Finding denied =
        read("{\"allowed\":false,\"denied\":true,\"evaluationError\":\"webhook: timeout\"}");
    assertThat(denied.undecided()).isFalse();
    assertThat(denied.allowed()).isFalse();
  }

  private static SubjectAccessReviews.Finding read(String status) {
    return SubjectAccessReviews.read(new JsonObject(status));
  }

  /** What a reader of the bytes gets. */
  private static JsonObject sent(JsonObject request) {
    return new JsonObject(request.toBuffer());
  }

  private static JsonObject golden(String name) throws IOException {
    try (InputStream in = ReviewJsonTest.class.getResourceAsStream(name)) {
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
