package io.scopegate.e2e;

import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The JDK's HTTP client, which owes nothing to the gateway's codecs. */
final class Http {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client;

  private Http(HttpClient client) {
    this.client = client;
  }

  /** Speaks HTTP/1.1. */
  static Http one(TestCa ca) {
    return new Http(builder(ca).version(HttpClient.Version.HTTP_1_1).build());
  }

  /** Speaks HTTP/2: by ALPN over TLS, by Upgrade in clear text. */
  static Http two(TestCa ca) {
    return new Http(builder(ca).version(HttpClient.Version.HTTP_2).build());
  }

  private static HttpClient.Builder builder(TestCa ca) {
    return HttpClient.newBuilder().sslContext(trusting(ca)).connectTimeout(Duration.ofSeconds(10));
  }

  /** Trusts what this authority issued. */
  static SSLContext trusting(TestCa ca) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", ca.certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** GET; headers as name, value, name, value. */
  Reply get(String url, String... headers) {
    return send(request(url, headers).GET());
  }

  /** POST. */
  Reply post(String url, byte[] body, String... headers) {
    return send("POST", url, HttpRequest.BodyPublishers.ofByteArray(body), headers);
  }

  /** Any method with any body. */
  Reply send(String method, String url, HttpRequest.BodyPublisher body, String... headers) {
    return send(request(url, headers).method(method, body));
  }

  /** The same without waiting. */
  CompletableFuture<Reply> sendAsync(
      String method, String url, HttpRequest.BodyPublisher body, String... headers) {
    return client
        .sendAsync(request(url, headers).method(method, body).build(), bodyOf())
        .thenApply(Reply::of);
  }

  private Reply send(HttpRequest.Builder request) {
    try {
      return Reply.of(client.send(request.build(), bodyOf()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static HttpResponse.BodyHandler<byte[]> bodyOf() {
    return HttpResponse.BodyHandlers.ofByteArray();
  }

  private static HttpRequest.Builder request(String url, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request;
  }

  /**
   * An answer.
   *
   * @param status its status
   * @param headers its headers
   * @param body its body
   */
  record Reply(int status, HttpHeaders headers, byte[] body) {
    static Reply of(HttpResponse<byte[]> response) {
      return new Reply(response.statusCode(), response.headers(), response.body());
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    @Override
    public String toString() {
      String text = text();
      return status + " " + (text.length() > 2_000 ? text.substring(0, 2_000) : text);
    }
  }
}
