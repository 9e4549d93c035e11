package io.scopegate.gateway.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * TLS contexts that were made of one reading of files. Those of BoringSSL have memory outside the
 * heap, which is freed when this is released and the connections that use them are closed.
 */
public abstract class TlsContextSet extends AbstractReferenceCounted {
  private final List<SslContext> contexts;

  /** Takes over the references of what was made. */
  protected TlsContextSet(Making made) {
    contexts = List.copyOf(made.contexts);
  }

  /** All of them, in the order in which they were made. */
  protected final List<SslContext> contexts() {
    return contexts;
  }

  @Override
  protected final void deallocate() {
    contexts.forEach(ReferenceCountUtil::release);
  }

  @Override
  public final ReferenceCounted touch(Object hint) {
    return this;
  }

  /** Contexts in the making: when one cannot be made, those before are freed. */
  public static final class Making {
    private final List<SslContext> contexts = new ArrayList<>();

    /** Makes a context. */
    public interface Maker {
      /**
       * Makes it.
       *
       * @throws SSLException when its files cannot be used
       */
      SslContext make() throws SSLException;
    }

    /**
     * Adds one.
     *
     * @throws SSLException when it cannot be made; everything before is freed
     */
    public SslContext add(Maker maker) throws SSLException {
      try {
        SslContext context = maker.make();
        contexts.add(context);
        return context;
      } catch (SSLException | RuntimeException e) {
        contexts.forEach(ReferenceCountUtil::release);
        contexts.clear();
        throw e;
      }
    }
  }
}
