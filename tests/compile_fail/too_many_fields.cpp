// expect: hewn: a struct of more than 200 fields cannot be a row; split the struct
// [p:C3]
#include <hewn/sqlite.hpp>

#ifdef HEWN_MISTAKE
struct measured {
  int f0 = 0; int f1 = 0; int f2 = 0; int f3 = 0; int f4 = 0; int f5 = 0;
  int f6 = 0; int f7 = 0; int f8 = 0; int f9 = 0; int f10 = 0; int f11 = 0;
  int f12 = 0; int f13 = 0; int f14 = 0; int f15 = 0; int f16 = 0; int f17 = 0;
  int f18 = 0; int f19 = 0; int f20 = 0; int f21 = 0; int f22 = 0; int f23 = 0;
  int f24 = 0; int f25 = 0; int f26 = 0; int f27 = 0; int f28 = 0; int f29 = 0;
  int f30 = 0; int f31 = 0; int f32 = 0; int f33 = 0; int f34 = 0; int f35 = 0;
  int f36 = 0; int f37 = 0; int f38 = 0; int f39 = 0; int f40 = 0; int f41 = 0;
  int f42 = 0; int f43 = 0; int f44 = 0; int f45 = 0; int f46 = 0; int f47 = 0;
  int f48 = 0; int f49 = 0; int f50 = 0; int f51 = 0; int f52 = 0; int f53 = 0;
  int f54 = 0; int f55 = 0; int f56 = 0; int f57 = 0; int f58 = 0; int f59 = 0;
  int f60 = 0; int f61 = 0; int f62 = 0; int f63 = 0; int f64 = 0; int f65 = 0;
  int f66 = 0; int f67 = 0; int f68 = 0; int f69 = 0; int f70 = 0; int f71 = 0;
  int f72 = 0; int f73 = 0; int f74 = 0; int f75 = 0; int f76 = 0; int f77 = 0;
  int f78 = 0; int f79 = 0; int f80 = 0; int f81 = 0; int f82 = 0; int f83 = 0;
  int f84 = 0; int f85 = 0; int f86 = 0; int f87 = 0; int f88 = 0; int f89 = 0;
  int f90 = 0; int f91 = 0; int f92 = 0; int f93 = 0; int f94 = 0; int f95 = 0;
  int f96 = 0; int f97 = 0; int f98 = 0; int f99 = 0; int f100 = 0; int f101 = 0;
  int f102 = 0; int f103 = 0; int f104 = 0; int f105 = 0; int f106 = 0; int f107 = 0;
  int f108 = 0; int f109 = 0; int f110 = 0; int f111 = 0; int f112 = 0; int f113 = 0;
  int f114 = 0; int f115 = 0; int f116 = 0; int f117 = 0; int f118 = 0; int f119 = 0;
  int f120 = 0; int f121 = 0; int f122 = 0; int f123 = 0; int f124 = 0; int f125 = 0;
  int f126 = 0; int f127 = 0; int f128 = 0; int f129 = 0; int f130 = 0; int f131 = 0;
  int f132 = 0; int f133 = 0; int f134 = 0; int f135 = 0; int f136 = 0; int f137 = 0;
  int f138 = 0; int f139 = 0; int f140 = 0; int f141 = 0; int f142 = 0; int f143 = 0;
  int f144 = 0; int f145 = 0; int f146 = 0; int f147 = 0; int f148 = 0; int f149 = 0;
  int f150 = 0; int f151 = 0; int f152 = 0; int f153 = 0; int f154 = 0; int f155 = 0;
  int f156 = 0; int f157 = 0; int f158 = 0; int f159 = 0; int f160 = 0; int f161 = 0;
  int f162 = 0; int f163 = 0; int f164 = 0; int f165 = 0; int f166 = 0; int f167 = 0;
  int f168 = 0; int f169 = 0; int f170 = 0; int f171 = 0; int f172 = 0; int f173 = 0;
  int f174 = 0; int f175 = 0; int f176 = 0; int f177 = 0; int f178 = 0; int f179 = 0;
  int f180 = 0; int f181 = 0; int f182 = 0; int f183 = 0; int f184 = 0; int f185 = 0;
  int f186 = 0; int f187 = 0; int f188 = 0; int f189 = 0; int f190 = 0; int f191 = 0;
  int f192 = 0; int f193 = 0; int f194 = 0; int f195 = 0; int f196 = 0; int f197 = 0;
  int f198 = 0; int f199 = 0; int f200 = 0;
};
auto wrong(hewn::sqlite::database& db) { return db.all<measured>(); }
#else
struct measured {
  int a = 0, b = 0;
};
auto right(hewn::sqlite::database& db) { return db.all<measured>(); }
#endif
