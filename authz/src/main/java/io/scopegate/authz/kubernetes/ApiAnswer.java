package io.scopegate.authz.kubernetes;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The result of a review: its status, or why there is none.
 *
 * @param status the review's {@code status}; null when there is no answer
 * @param problem why there is no status, in words that may be shown to a client; empty otherwise
 */
public record ApiAnswer(@Nullable JsonObject status, String problem) {

  /** The API server answered. */
  public static ApiAnswer of(JsonObject status) {
    return new ApiAnswer(status, "");
  }

  /** It did not, or not with an answer. */
  public static ApiAnswer none(Problem problem) {
    return new ApiAnswer(null, problem.words);
  }

  /** Why there is no answer. */
  public enum Problem {
    /** The deadline has passed. */
    TIMEOUT("the Kubernetes API server did not answer in time"),
    /** The connection failed. */
    UNREACHABLE("the Kubernetes API server could not be reached"),
    /** Too many reviews wait already. */
    BUSY("too many reviews wait for the Kubernetes API server"),
    /** Too many reviews of one user are on their way. */
    USER_BUSY("too many reviews of this user wait for the Kubernetes API server"),
    /** Too many tokens of unknown issuers come. */
    FOREIGN_BUSY("too many tokens of other issuers wait for the Kubernetes API server"),
    /** It said 429. */
    THROTTLED("the Kubernetes API server is overloaded"),
    /** It said 5xx. */
    FAILING("the Kubernetes API server failed"),
    /** It said 401 or 403 to the gateway itself. */
    REFUSED("the Kubernetes API server refused the gateway's own credentials"),
    /** It rejected a token, but perhaps not for what the token is. */
    DOUBTFUL("the Kubernetes API server rejected the token, which is asked about once more"),
    /** It said no, but one of its authorisers had failed. */
    UNEVALUATED("the Kubernetes API server could not evaluate the right"),
    /** It said something that is no review. */
    GARBAGE("the Kubernetes API server's answer was not understood"),
    /** The gateway is stopping. */
    CLOSED("the gateway is stopping");

    private final String words;

    Problem(String words) {
      this.words = words;
    }

    /** The text for a client. */
    public String words() {
      return words;
    }
  }
}
