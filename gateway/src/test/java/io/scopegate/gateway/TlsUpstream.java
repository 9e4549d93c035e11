package io.scopegate.gateway;

import io.scopegate.config.PemFiles;
import io.scopegate.testkit.TestCa;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * An HTTP/1.1 server over the JDK's TLS that demands a certificate, and says "ok" to everything.
 */
final class TlsUpstream implements Closeable {
  private final SSLServerSocket listening;
  private final int requestsOfAConnection;
  private final Set<BigInteger> serials = ConcurrentHashMap.newKeySet();
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final Set<SSLSocket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger endedInOrder = new AtomicInteger();

  private TlsUpstream(SSLServerSocket listening, int requestsOfAConnection) {
    this.listening = listening;
    this.requestsOfAConnection = requestsOfAConnection;
  }

  /**
   * Opens one.
   *
   * @param ca has issued its certificate, and those that it takes
   * @param requestsOfAConnection after so many it closes a connection
   */
  static TlsUpstream open(TestCa ca, int requestsOfAConnection) throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket)
            context(ca)
                .getServerSocketFactory()
                .createServerSocket(0, 100, InetAddress.getLoopbackAddress());
    socket.setNeedClientAuth(true);
    TlsUpstream upstream = new TlsUpstream(socket, requestsOfAConnection);
    start(upstream::accept);
    return upstream;
  }

  private static SSLContext context(TestCa ca) throws IOException {
    TestCa.Issued own = ca.server();
    Path key = own.writeKey(Files.createTempFile("upstream", ".key"));
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "own", PemFiles.privateKey(key), new char[0], new Certificate[] {own.certificate()});
      store.setCertificateEntry("ca", ca.certificate());
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } finally {
      Files.delete(key);
    }
  }

  private static void start(Runnable what) {
    Thread thread = new Thread(what, "tls-upstream");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  /** The serial numbers of the certificates that were shown. */
  Set<BigInteger> serials() {
    return serials;
  }

  /** The names that were asked for (SNI). */
  Set<String> names() {
    return names;
  }

  /** How many connections the gateway has closed as TLS wants it, with close_notify. */
  int endedInOrder() {
    return endedInOrder.get();
  }

  private void accept() {
    try {
      while (true) {
        SSLSocket socket = (SSLSocket) listening.accept();
        open.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(SSLSocket socket) {
    try (Wire wire = new Wire(socket)) {
      socket.setSoTimeout(0);
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      serials.add(shown.getSerialNumber());
      ((ExtendedSSLSession) socket.getSession())
          .getRequestedServerNames()
          .forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
      for (int left = requestsOfAConnection; left > 0; left--) {
        if (wire.readHead().text().isEmpty()) {
          endedInOrder.incrementAndGet();
          return;
        }
        String last = left == 1 ? "Connection: close\r\n" : "";
        wire.write("HTTP/1.1 200 OK\r\n" + last + "Content-Length: 2\r\n\r\nok");
      }
    } catch (IOException gone) {
      // the gateway has closed, or does not trust it
    } finally {
      open.remove(socket);
    }
  }

  /** Closes all connections. */
  void drop() throws IOException {
    for (SSLSocket socket : open) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    drop();
  }
}
