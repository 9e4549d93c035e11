package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The JDK's HTTP client, which owes nothing to the gateway's codecs. */
public final class Http {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client;

  private Http(HttpClient client) {
    this.client = client;
  }

  /** Speaks HTTP/1.1. */
  public static Http one(TestCa ca) {
    return new Http(builder(ca).version(HttpClient.Version.HTTP_1_1).build());
  }

  /** Speaks HTTP/1.1 and shows a client certificate. */
  static Http one(TestCa ca, TestCa.Issued certificate) {
    return new Http(
        HttpClient.newBuilder()
            .sslContext(trusting(ca, certificate))
            .connectTimeout(Duration.ofSeconds(10))
            .version(HttpClient.Version.HTTP_1_1)
            .build());
  }

  /** Speaks HTTP/2: by ALPN over TLS, by Upgrade in clear text. */
  static Http two(TestCa ca) {
    return new Http(builder(ca).version(HttpClient.Version.HTTP_2).build());
  }

  private static HttpClient.Builder builder(TestCa ca) {
    return HttpClient.newBuilder().sslContext(trusting(ca)).connectTimeout(Duration.ofSeconds(10));
  }

  /** Trusts what this authority issued. */
  public static SSLContext trusting(TestCa ca) {
    return trusting(ca, null);
  }

  private static SSLContext trusting(TestCa ca, TestCa.@Nullable Issued certificate) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", ca.certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(certificate == null ? null : keys(certificate), trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a client shows that has this certificate. */
  static KeyManager[] keys(TestCa.Issued certificate) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "client", key(certificate), new char[0], new Certificate[] {certificate.certificate()});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      return keys.getKeyManagers();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PrivateKey key(TestCa.Issued certificate) throws GeneralSecurityException {
    String base64 = certificate.keyPem().replaceAll("-----[^-]+-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  /** GET; headers as name, value, name, value. */
  public Reply get(String url, String... headers) {
    return send(request(url, headers).GET());
  }

  /** GET whose body is read as the caller reads it, and no faster than flow control allows. */
  InputStream open(String url, String... headers) {
    HttpResponse<InputStream> response =
        send(request(url, headers).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
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
    return Reply.of(send(request.build(), bodyOf()));
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request, handler);
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
   * @param version the version of HTTP it came in
   * @param status its status
   * @param headers its headers
   * @param content its body
   */
  public record Reply(HttpClient.Version version, int status, HttpHeaders headers, Buffer content) {
    static Reply of(HttpResponse<byte[]> response) {
      return new Reply(
          response.version(),
          response.statusCode(),
          response.headers(),
          Buffer.buffer(response.body()));
    }

    byte[] body() {
      return content.getBytes();
    }

    public String text() {
      return content.toString(StandardCharsets.UTF_8);
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
