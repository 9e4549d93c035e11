package io.scopegate.gateway.answer;

import io.scopegate.config.Key;
import java.time.Duration;
import java.util.List;

/**
 * Which pages a browser may let read a listener's answers: the <a
 * href="https://fetch.spec.whatwg.org/#http-cors-protocol">CORS protocol</a>.
 *
 * @param origins of these pages, as browsers write them; empty for none, {@code *} for any
 * @param headers which they may send in addition to those that the gateway and its protocols know
 * @param credentials whether browsers may add what they know of the user by themselves
 * @param maxAge how long a browser may remember that it asked
 */
public record CorsConfig(
    @Key(
            doc =
                "Origins of the pages that may send requests and read the answers, such as"
                    + " `https://shop.example`; `*` alone for any. With none there is no CORS.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> origins,
    @Key(
            doc = "Request headers that they may send in addition to the usual ones.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> headers,
    @Key(
            doc =
                "Whether browsers may add credentials that they have for the gateway, such as a"
                    + " client certificate; a token that the page itself sends does not need it.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean credentials,
    @Key(
            doc = "How long a browser may cache the answer to a preflight request.",
            def = "10m",
            reload = Key.Reload.AT_ONCE)
        Duration maxAge) {
  /** Any origin. */
  public static final String ANY = "*";

  /** Copies the lists. */
  public CorsConfig {
    origins = List.copyOf(origins);
    headers = List.copyOf(headers);
  }
}
