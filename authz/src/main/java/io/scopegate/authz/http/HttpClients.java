package io.scopegate.authz.http;

import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Makes clients without hidden behaviour: no redirects (a token would follow them), no cookies, no
 * log-in of their own, and no proxy unless one is given. The JDK verifies the host name of every
 * server by itself, and nothing here turns that off.
 */
public final class HttpClients {
  private HttpClients() {}

  /**
   * A client for one server, or for those of one issuer.
   *
   * @param encrypted whether HTTP/2 may be used: in clear text the JDK would try to upgrade every
   *     request to it
   * @param tls who is trusted, and our own key
   * @param proxy chooses a proxy; {@link HttpClient.Builder#NO_PROXY} for none
   */
  public static HttpClient create(
      Executor threads,
      Duration connectTimeout,
      boolean encrypted,
      SSLContext tls,
      ProxySelector proxy) {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    return HttpClient.newBuilder()
        .executor(threads)
        .connectTimeout(connectTimeout)
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(proxy)
        .version(encrypted ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
        .sslContext(tls)
        .sslParameters(parameters)
        .build();
  }
}
