package io.scopegate.authz.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentProxyTest {
  private static Proxy chosen(Map<String, String> environment, String url) {
    return EnvironmentProxy.of(environment).select(URI.create(url)).get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "http://proxy.corp:3128, proxy.corp, 3128",
    "http://proxy.corp/, proxy.corp, 80",
    "proxy.corp:8080, proxy.corp, 8080",
    "http://[fd00::1]:3128, fd00::1, 3128"
  })
  void theProxyIsUsedForHttps(String value, String host, int port) {
    InetSocketAddress address =
        (InetSocketAddress)
            chosen(Map.of("HTTPS_PROXY", value), "https://login.example.com").address();
    assertThat(address.getHostString()).isEqualTo(host);
    assertThat(address.getPort()).isEqualTo(port);
  }

  @Test
  void withoutTheVariableThereIsNone() {
    assertThat(chosen(Map.of(), "https://login.example.com")).isEqualTo(Proxy.NO_PROXY);
    assertThat(chosen(Map.of("HTTPS_PROXY", " "), "https://a.b")).isEqualTo(Proxy.NO_PROXY);
    assertThat(chosen(Map.of("HTTP_PROXY", "http://p:1"), "https://a.b")).isEqualTo(Proxy.NO_PROXY);
  }

  @Test
  void theSmallFormWins() {
    Map<String, String> both = Map.of("HTTPS_PROXY", "http://a:1", "https_proxy", "http://b:2");
    assertThat(chosen(both, "https://login.example.com").address()).hasToString("b/<unresolved>:2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "example.com | https://example.com | true",
        "example.com | https://login.example.com | true",
        "example.com | https://notexample.com | false",
        ".example.com | https://login.example.com | true",
        "EXAMPLE.com | https://Login.Example.COM | true",
        "a.b, example.com | https://login.example.com | true",
        "example.com:8443 | https://login.example.com:8443 | true",
        "example.com:8443 | https://login.example.com | false",
        "example.com:443 | https://login.example.com | true",
        "* | https://login.example.com | true",
        "10.0.0.0/8 | https://10.1.2.3 | true",
        "10.0.0.0/8 | https://11.1.2.3 | false",
        "10.0.0.0/8 | https://ten.example.com | false",
        "10.0.0.0/x | https://10.1.2.3 | false",
        "10.0.0.0/99 | https://10.1.2.3 | false",
        "0.0.0.0/0 | https://10.1.2.3 | true",
        "fd00::/8 | https://[fd12::1]:443 | true",
        "fd00::/8 | https://[fe80::1] | false",
        "fd12::1 | https://[fd12::1] | true",
        "'' | https://localhost:1 | true",
        "'' | https://127.0.0.1 | true",
        "'' | https://[::1]:1 | true",
        "'' | http://login.example.com | true",
        "'' | https://login.example.com | false"
      })
  void whatIsExceptedIsReachedDirectly(String exceptions, String url, boolean direct) {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", exceptions);
    assertThat(chosen(environment, url).equals(Proxy.NO_PROXY)).isEqualTo(direct);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://proxy:3128",
        "socks5://proxy",
        "http://jane:secret@proxy",
        "http://",
        "::"
      })
  void saysWhatItCannotUseAndNoPassword(String value) {
    assertThatThrownBy(() -> EnvironmentProxy.of(Map.of("HTTPS_PROXY", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: http://HOST:PORT")
        .hasMessageNotContaining("secret");
  }
}
