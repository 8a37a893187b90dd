// expect: hewn: a bit-field cannot be a column; remove the width, or choose a smaller type
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>

struct reading {
  std::int64_t id = 0;
  std::int32_t v1 = 0;
  std::int32_t v2 = 0;
  std::int32_t v3 = 0;
  std::int32_t v4 = 0;
  std::int32_t v5 = 0;
  std::int32_t v6 = 0;
  std::int32_t v7 = 0;
  std::int32_t v8 = 0;
  std::int32_t v9 = 0;
  std::int32_t v10 = 0;
  std::int32_t v11 = 0;
  std::int32_t v12 = 0;
  std::int32_t v13 = 0;
  std::int32_t v14 = 0;
  std::int32_t v15 = 0;
  std::int32_t v16 = 0;
  std::int32_t v17 = 0;
  std::int32_t v18 = 0;
  std::int32_t v19 = 0;
  std::int32_t v20 = 0;
  std::int32_t v21 = 0;
  std::int32_t v22 = 0;
  std::int32_t v23 = 0;
  std::int32_t v24 = 0;
  std::int32_t v25 = 0;
  std::int32_t v26 = 0;
  std::int32_t v27 = 0;
  std::int32_t v28 = 0;
  std::int32_t v29 = 0;
  std::int32_t v30 = 0;
  std::int32_t v31 = 0;
  std::int32_t v32 = 0;
  std::int32_t v33 = 0;
  std::int32_t v34 = 0;
  std::int32_t v35 = 0;
  std::int32_t v36 = 0;
  std::int32_t v37 = 0;
  std::int32_t v38 = 0;
  std::int32_t v39 = 0;
  std::int32_t v40 = 0;
  std::int32_t v41 = 0;
  std::int32_t v42 = 0;
  std::int32_t v43 = 0;
  std::int32_t v44 = 0;
  std::int32_t v45 = 0;
  std::int32_t v46 = 0;
  std::int32_t v47 = 0;
  std::int32_t v48 = 0;
  std::int32_t v49 = 0;
  std::int32_t v50 = 0;
  std::int32_t v51 = 0;
  std::int32_t v52 = 0;
  std::int32_t v53 = 0;
  std::int32_t v54 = 0;
  std::int32_t v55 = 0;
  std::int32_t v56 = 0;
  std::int32_t v57 = 0;
  std::int32_t v58 = 0;
  std::int32_t v59 = 0;
  std::int32_t v60 = 0;
  std::int32_t v61 = 0;
  std::int32_t v62 = 0;
  std::int32_t v63 = 0;
#ifdef HEWN_MISTAKE
  bool done : 1 = false;
#else
  bool done = false;
#endif
};

void write(hewn::sqlite::database& db) { db.insert(reading{}); }
