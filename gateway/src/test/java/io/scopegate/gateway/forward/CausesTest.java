package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the log says of an upstream that cannot be used: words, no names of classes. */
final class CausesTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new UnknownHostException("tempo"), "the name tempo does not resolve"),
        Arguments.of(
            new ConnectException("finishConnect(..) failed with error(-111): Connection refused"),
            "the connection is refused, so nothing listens there"),
        Arguments.of(
            new ConnectException("connection timed out after 2000 ms: /10.0.0.1:3200"),
            "no answer within 2s"),
        Arguments.of(
            new SSLHandshakeException("PKIX path building failed"),
            "its certificate is not signed by a trusted CA"),
        Arguments.of(new FileNotFoundException("/run/a.sock"), "there is no such socket"),
        Arguments.of(
            new IOException("it closed before HTTP/2 began"), "it closed before HTTP/2 began"),
        Arguments.of(new IOException(), "the connection was closed"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureHasWords(Exception failure, String words) {
    assertThat(Causes.words(failure, "tempo", Duration.ofSeconds(2))).isEqualTo(words);
  }
}
