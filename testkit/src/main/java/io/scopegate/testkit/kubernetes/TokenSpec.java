package io.scopegate.testkit.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a service account's token is to be like.
 *
 * @param audiences empty for the API server's own
 * @param issuedAt when it says it was issued
 * @param lifetime how long it is good from then
 * @param pod the pod it is bound to, or empty
 */
public record TokenSpec(List<String> audiences, Instant issuedAt, Duration lifetime, String pod) {

  /** Copies the audiences. */
  public TokenSpec {
    audiences = List.copyOf(audiences);
  }

  /** For the API server, issued now, good for an hour, bound to nothing. */
  public static TokenSpec defaults() {
    return new TokenSpec(List.of(), Instant.now(), Duration.ofHours(1), "");
  }

  /** For these audiences. */
  public TokenSpec forAudiences(String... names) {
    return new TokenSpec(List.of(names), issuedAt, lifetime, pod);
  }

  /** Good for this long. */
  public TokenSpec lasting(Duration time) {
    return new TokenSpec(audiences, issuedAt, time, pod);
  }

  /** Issued in the past, or the future. */
  public TokenSpec issued(Instant when) {
    return new TokenSpec(audiences, when, lifetime, pod);
  }

  /** Bound to a pod of the account's namespace. */
  public TokenSpec boundToPod(String name) {
    return new TokenSpec(audiences, issuedAt, lifetime, name);
  }
}
